"""The room `phone`: what acts on an app and sees it."""

from ostinato.phone.android import AndroidPhone
from ostinato.phone.chromium import ChromiumPhone, find_chromium
from ostinato.phone.harmony import HarmonyPhone
from ostinato.phone.phone import Phone

__all__ = ["AndroidPhone", "ChromiumPhone", "HarmonyPhone", "Phone", "find_chromium"]
