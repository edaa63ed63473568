"""The only room that knows Azure."""
