"""Phones with HarmonyOS."""
