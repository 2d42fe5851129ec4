"""The app of the contract tests as a GTK 4 application, run by the system's Python: `python3 contract_gtk.py`.

It has what `pages/contract.html` has. Every activation puts its state back; the actions `second` and `restless` show
the other two pages.
"""

import signal
import sys

import gi

gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, Gtk  # noqa: E402

ID = "org.example.Contract"


def labelled(widget, name):
    widget.update_property([Gtk.AccessibleProperty.LABEL], [name])
    return widget


def button(name, does):
    made = Gtk.Button(label=name)
    made.connect("clicked", lambda _: does())
    return made


class App(Gtk.Application):
    def __init__(self):
        super().__init__(application_id=ID)
        self.window = None
        self.ticking = 0
        for name in ("second", "restless"):
            action = Gio.SimpleAction.new(name, None)
            action.connect("activate", lambda _, __, name=name: self.show(name))
            self.add_action(action)
            Gio.bus_own_name(Gio.BusType.SESSION, f"{ID}.{name.title()}", Gio.BusNameOwnerFlags.NONE)

    def do_activate(self):
        self.show("first")

    def show(self, page):
        if self.ticking:
            GLib.source_remove(self.ticking)
            self.ticking = 0
        if self.window is None:
            self.window = Gtk.ApplicationWindow(application=self, title="Contract")
            self.bar = Gtk.HeaderBar()
            self.window.set_titlebar(self.bar)
            self.back = Gtk.Button(icon_name="go-previous-symbolic", tooltip_text="Back")
            self.back.connect("clicked", lambda _: self.show("first"))
            self.bar.pack_start(self.back)
        self.back.set_visible(page == "second")
        self.window.set_child(self.second() if page == "second" else self.first(page == "restless"))
        self.window.set_title(page)
        self.window.present()

    def second(self):
        return Gtk.Label(label="Second")

    def first(self, restless):
        self.count = 0
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        box.append(Gtk.Label(label="Contract"))
        self.counted = Gtk.Label(label="Count: 0")
        self.log = Gtk.Label(label="nothing yet")
        note = labelled(Gtk.Entry(text="kept", placeholder_text="Write something"), "note")
        note.connect("activate", lambda _: self.say(f"sent: {note.get_text()}"))
        message = labelled(Gtk.TextView(), "message")
        keys = Gtk.EventControllerKey()
        keys.set_propagation_phase(Gtk.PropagationPhase.CAPTURE)
        keys.connect("key-pressed", self.chat)
        message.add_controller(keys)
        pin = labelled(Gtk.PasswordEntry(), "pin")
        colour = labelled(Gtk.DropDown.new_from_strings(["red", "green", "blue"]), "colour")
        victim = button("Victim", lambda: self.say("victim"))
        hold = Gtk.Button(label="Hold")
        held = Gtk.GestureLongPress(touch_only=False)
        held.connect("pressed", lambda *_: self.say("held"))
        hold.add_controller(held)
        card = labelled(Gtk.Picture(height_request=50), "Card")
        drag = Gtk.GestureDrag()
        drag.connect("drag-end", lambda _, x, y: self.say("swiped left" if x < 0 else "swiped right"))
        card.add_controller(drag)
        for row in (
            (button("Add", self.add), self.counted), (note,), (pin,), (colour, message),
            (button("Remove", lambda: victim.get_parent().remove(victim)), victim, hold), (card,),
            (button("Next", lambda: self.show("second")), self.log),
        ):  # fmt: skip
            line = Gtk.Box(spacing=4)
            for widget in row:
                widget.set_hexpand(widget in (note, pin, card, message))
                line.append(widget)
            box.append(line)
        rows = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        for k in range(1, 41):
            rows.append(button(f"Row {k}", lambda k=k: self.say(f"row {k}")))
        box.append(Gtk.ScrolledWindow(child=rows, height_request=320))
        if restless:
            self.ticking = GLib.timeout_add(20, self.tick)
        return box

    def chat(self, _, key, __, state):
        """Return sends, as in a chat; with Shift it is a line break."""
        if key != Gdk.KEY_Return or state & Gdk.ModifierType.SHIFT_MASK:
            return False
        self.say("sent: message")
        return True

    def tick(self):
        self.log.set_label(self.log.get_label()[-20:] + "." if len(self.log.get_label()) % 7 else "!")
        return True

    def add(self):
        self.count += 1
        self.counted.set_label(f"Count: {self.count}")

    def say(self, words):
        self.log.set_label(words)


if __name__ == "__main__":
    if "--stubborn" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(App().run())
