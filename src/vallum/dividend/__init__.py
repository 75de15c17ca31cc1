"""What it buys: trade, cost and benefit, and which assumptions decide."""

from vallum.dividend.assess import assess
from vallum.dividend.cashflow import Account, Evaluation, annuity, evaluate
from vallum.dividend.decisive import Sobol, sobol_indices, switch_values
from vallum.dividend.model import Dividend, DividendCase, Land, Stream, Timing
from vallum.dividend.settings import DividendSettings
from vallum.dividend.trade import TradeChange, partial_trade, trade_in_changes

__all__ = [
    "Account",
    "Dividend",
    "DividendCase",
    "DividendSettings",
    "Evaluation",
    "Land",
    "Sobol",
    "Stream",
    "Timing",
    "TradeChange",
    "annuity",
    "assess",
    "evaluate",
    "partial_trade",
    "sobol_indices",
    "switch_values",
    "trade_in_changes",
]
