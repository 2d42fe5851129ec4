"""The room `phone`: what acts on an app and sees it."""

from ostinato.phone.android.android import AndroidPhone
from ostinato.phone.harmony.harmony import HarmonyPhone
from ostinato.phone.phone import Phone
from ostinato.phone.web.chromium import ChromiumPhone, find_chromium

__all__ = ["AndroidPhone", "ChromiumPhone", "HarmonyPhone", "Phone", "find_chromium"]
