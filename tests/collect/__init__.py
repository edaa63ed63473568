"""Tests of the room that reads Azure."""
