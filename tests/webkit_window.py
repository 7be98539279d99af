"""A bare window of WebKitGTK that a driver may steer. Debian's own Python runs it, which has GTK's bindings.

WebKit's MiniBrowser does for a driver too, but nothing tells then what its console says.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402

folder, width, height, shade = sys.argv[1:]

data = WebKit2.WebsiteDataManager(base_data_directory=f"{folder}/data", base_cache_directory=f"{folder}/cache")
context = WebKit2.WebContext(website_data_manager=data)
context.set_automation_allowed(True)
context.set_preferred_languages(["en-GB"])
settings = WebKit2.Settings(enable_write_console_messages_to_stdout=True)
view = WebKit2.WebView(web_context=context, settings=settings, is_controlled_by_automation=True)


def on_automation(_: WebKit2.WebContext, session: WebKit2.AutomationSession) -> None:
    about = WebKit2.ApplicationInfo()
    about.set_name("WebKitGTK")
    about.set_version(WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version())
    session.set_application_info(about)
    session.connect("create-web-view", lambda _: view)


context.connect("automation-started", on_automation)
desktop = Gtk.Settings.get_default()
desktop.set_property("gtk-enable-animations", False)  # reduced motion
desktop.set_property("gtk-application-prefer-dark-theme", shade == "dark")
window = Gtk.Window(default_width=int(width), default_height=int(height))
window.connect("destroy", Gtk.main_quit)
window.add(view)
window.show_all()
Gtk.main()
