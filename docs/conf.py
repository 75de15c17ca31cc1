"""How the site is built: `make docs`. Nothing that it shows is fetched when it is read."""

from __future__ import annotations

import sys
from pathlib import Path

import vallum

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Vallum"
author = "the authors of Vallum"
project_copyright = "the authors of Vallum, Apache License 2.0"
version = release = vallum.__version__
html_title = "Vallum"

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
    "offline_math",
    "filled",
    "linked_names",
    "plain_docstrings",
]
exclude_patterns = ["_ext", "_static", "gallery/*.py", "**.ipynb"]

myst_enable_extensions = ["attrs_block", "attrs_inline", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_dmath_double_inline = False
# two dollars of money in one sentence are no formula
myst_dmath_allow_space = False
myst_dmath_allow_digits = False

html_theme = "pydata_sphinx_theme"
html_math_renderer = "offline"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_copy_source = False
html_last_updated_fmt = None  # the same input gives the same pages
html_theme_options = {
    "logo": {"text": "Vallum"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_center": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "gallery/index": [], "limits-and-ethics": []}

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
default_role = "code"  # docstrings write code between single backticks
numpydoc_show_class_members = False
autodoc_default_options = {"exclude-members": "model_config"}
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = False
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
copybutton_exclude = ".linenos, .gp, .go"

nitpicky = True  # docs/_ext/linked_names.py looks up types; all other names must be found
