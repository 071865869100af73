"""The demo: a small CNN on handwritten digits, recorded layer by layer while it trains."""
