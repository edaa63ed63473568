"""Shapes results and renders them."""
