"""Who may come in: names, origins, sizes; before the page, the websocket and the API alike."""
