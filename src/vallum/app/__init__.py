"""The live explorer in the browser, and the service beside it: one page and one API, one port."""
