"""What it buys: trade, cost and benefit, and which assumptions decide."""

from vallum.dividend.trade import TradeChange, partial_trade, trade_in_changes

__all__ = ["TradeChange", "partial_trade", "trade_in_changes"]
