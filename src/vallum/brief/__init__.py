"""What people read, and the files that other tools read."""

from vallum.brief.enclosed import enclosed, enclosed_words, write_enclosed
from vallum.brief.explained import explained_record, explained_tables, explained_words
from vallum.brief.forecasts import forecast_tables
from vallum.brief.language import LANGUAGES
from vallum.brief.layers import write_layers
from vallum.brief.record import as_json, record
from vallum.brief.score_page import write_score
from vallum.brief.tables import campaign_changes, ground, tables
from vallum.brief.verdict import answer, verdict
from vallum.brief.verify import NOT_CHECKED, Check, Report, verify
from vallum.brief.write import check_folder, write

__all__ = [
    "LANGUAGES",
    "NOT_CHECKED",
    "Check",
    "Report",
    "answer",
    "as_json",
    "campaign_changes",
    "check_folder",
    "enclosed",
    "enclosed_words",
    "explained_record",
    "explained_tables",
    "explained_words",
    "forecast_tables",
    "ground",
    "record",
    "tables",
    "verdict",
    "verify",
    "write",
    "write_enclosed",
    "write_layers",
    "write_score",
]
