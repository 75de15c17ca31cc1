"""The API for programs: scenarios, plans and their files over HTTP."""
