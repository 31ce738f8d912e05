"""Makes a Django project safe to serve without editing it.

Python imports a module of this name at every start, before any code of the project. With this folder on PYTHONPATH,
the project's own settings module is patched in place while it loads: DEBUG is False from the moment it is assigned, so
that `if DEBUG:` branches see it, whatever module the process names in DJANGO_SETTINGS_MODULE. To switch it all off,
leave this folder off the PYTHONPATH.

The orders are in overlay.json beside this file, or in the file that TASKS_OVERLAY names:

    source           the release's source folder; data must not end up in it
    force            the settings to touch; any other is left as the project has it
    debug            what DEBUG is to be
    allowed_hosts    every name of the site
    static_root      where collectstatic collects
    media_root       where uploads go, or null
    database_dir     where SQLite files go
    secret_key_env   the environment variable that holds the secret key; the key itself is never in the file
    settings_module  optional: the settings module to load, whatever manage.py and wsgi.py say
"""

import collections.abc
import importlib.machinery
import importlib.util
import json
import opcode
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# What was changed, for the report: setting -> {"from": …, "to": …}. Secrets are not in it.
FORCED = {}


class OverlayError(RuntimeError):
    """The site would not be safe, so it does not start."""


# The environment that this process was given; a .env file that the project reads later does not count as such.
_given = dict(os.environ)


# --- What each setting becomes. Each function gets the project's value, and returns the one to use. ---


def _debug(orders, value):
    return bool(orders["debug"])


def _allowed_hosts(orders, value):
    # A project may go on adding to it, so it stays the kind of sequence that it was.
    return tuple(orders["allowed_hosts"]) if isinstance(value, tuple) else list(orders["allowed_hosts"])


def _secret_key(orders, value):
    if value and value in _given.values():
        return value
    name = orders["secret_key_env"]
    if not _given.get(name):
        raise OverlayError("%s is missing from the environment, and a key in the source is no secret." % name)
    return _given[name]


def _static_root(orders, value):
    return _path_like(value, orders["static_root"])


def _media_root(orders, value):
    if not orders.get("media_root") or (value and not _in_source(orders, value)):
        return value
    return _path_like(value, orders["media_root"])


def _databases(orders, value):
    if not isinstance(value, dict):
        return value
    taken = {}
    for alias in sorted(value, key=lambda alias: (alias != "default", str(alias))):
        database = value[alias]
        if _is_sqlite_file(database) and _in_source(orders, database["NAME"]):
            database["NAME"] = _moved(orders, alias, database["NAME"], taken)
    return value


def _proxy_header(orders, value):
    # nginx overwrites this header on each request, so a client cannot forge it.
    return value or ("HTTP_X_FORWARDED_PROTO", "https")


def _logging(orders, value):
    # Without a handler, an error page leaves no trace: Django's own console handler speaks in DEBUG only.
    return value or {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
    }


# Pinned at each assignment, because settings further down may be derived from them.
AS_ASSIGNED = {
    "DEBUG": _debug,
    "ALLOWED_HOSTS": _allowed_hosts,
    "SECRET_KEY": _secret_key,
    "STATIC_ROOT": _static_root,
    "MEDIA_ROOT": _media_root,
    "DATABASES": _databases,
}

# Looked at once more when all is loaded; what the project never set is set here.
AT_THE_END = dict(AS_ASSIGNED, SECURE_PROXY_SSL_HEADER=_proxy_header, LOGGING=_logging)


def _in_source(orders, path):
    """A relative path counts as inside: it means another file in each folder that a process is started from."""
    path = str(path)
    source = os.path.realpath(orders["source"])
    return not os.path.isabs(path) or (os.path.realpath(path) + os.sep).startswith(source + os.sep)


def _path_like(value, path):
    """The path as the type that the project chose, such as pathlib's, so that it can go on computing with it."""
    if value is None or isinstance(value, str):
        return path
    return type(value)(path)


def _is_sqlite_file(database):
    if not isinstance(database, dict) or not re.search("sqlite|spatialite", str(database.get("ENGINE"))):
        return False
    name = str(database.get("NAME") or "")
    return bool(name) and name != ":memory:" and not name.startswith("file:")


def _moved(orders, alias, name, taken):
    """Keeps the file's name; where another database has it already, the alias goes in front."""
    old = os.path.abspath(str(name))
    new = os.path.join(orders["database_dir"], os.path.basename(old))
    if taken.setdefault(new, old) != old:
        new = os.path.join(orders["database_dir"], "%s-%s" % (alias, os.path.basename(old)))
        taken[new] = old
    return _path_like(name, new)


# --- How a settings module is loaded. ---


class Pinned(collections.abc.MutableMapping):
    """A module's names while its code runs: each assignment, star import and `+=` passes through __setitem__."""

    def __init__(self, names, pinned, overlay):
        self.names = names
        self.pinned = pinned
        self.overlay = overlay

    def __setitem__(self, name, value):
        if name in self.pinned:
            value = self.overlay.changed(name, value, self.pinned[name], _is_assignment(sys._getframe(1)))
        self.names[name] = value

    def __getitem__(self, name):
        return self.names[name]

    def __delitem__(self, name):
        del self.names[name]

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)


def _is_assignment(frame):
    """Tells `DEBUG = False` from a star import, which hands on a value that we had changed already."""
    return frame.f_code.co_code[frame.f_lasti] == opcode.opmap["STORE_NAME"]


class Overlay:
    """The orders, carried out."""

    def __init__(self, orders):
        self.orders = orders
        self.force = frozenset(orders["force"])
        self.depth = 0

    def changed(self, name, value, change, assigned=False):
        """The value to use; and it is noted when that is another one."""
        if name not in self.force:
            return value
        before = _shown(name, value)
        after = change(self.orders, value)
        if before != _shown(name, after) or (name == "SECRET_KEY" and after != value):
            FORCED[name] = {"from": before, "to": _shown(name, after)}
        elif assigned:
            FORCED.pop(name, None)  # the project's last word on it is the right one by itself
        return after

    def pinned_in(self, module):
        """The names to pin while this module runs: all in a settings module, DEBUG in what such a module imports."""
        path = getattr(module, "__file__", None)
        if not path or not _in_source(self.orders, path):
            return {}
        # Code may import the settings before anything has named them, so looking like settings is enough.
        named = module.__name__ == os.environ.get("DJANGO_SETTINGS_MODULE") or "settings" in module.__name__.split(".")
        if named or _looks_like_settings(path):
            return AS_ASSIGNED
        return {"DEBUG": _debug} if self.depth else {}

    def run(self, code, module, pinned):
        self.depth += 1
        try:
            names = Pinned(module.__dict__, pinned, self)
            exec(code, module.__dict__, names)
            # Once more, for what did not come by assignment: globals().update(…), DATABASES["default"] = …
            for name in pinned:
                if name in module.__dict__:
                    names[name] = module.__dict__[name]
        finally:
            self.depth -= 1

    def complete(self, settings, names):
        """Sets on Django's settings object, and in the module they came from, what is still as it was."""
        for name, change in AT_THE_END.items():
            # LOGGING_CONFIG = None says that the project sets up its logging by itself.
            if name in self.force and (name != "LOGGING" or settings.LOGGING_CONFIG):
                value = self.changed(name, getattr(settings, name, None), change)
                setattr(settings, name, value)
                names[name] = value
                getattr(settings, "_explicit_settings", set()).add(name)
        if "DEBUG" in self.force and settings.DEBUG != bool(self.orders["debug"]):
            raise OverlayError("DEBUG does not stay as ordered.")


def _looks_like_settings(path):
    with open(path, "rb") as file:
        return bool(re.search(rb"^(INSTALLED_APPS|MIDDLEWARE|ROOT_URLCONF|DATABASES)\b[^=\n]*=", file.read(), re.MULTILINE))


def _shown(name, value):
    """A value as the report shows it: a copy, JSON, and no secrets."""
    if name == "SECRET_KEY":
        return "***" if value else None
    if name == "DATABASES":
        sqlite = {alias: value[alias] for alias in value if _is_sqlite_file(value[alias])} if value else {}
        return {alias: str(database["NAME"]) for alias, database in sqlite.items()}
    if name == "LOGGING":
        return "console" if value and value == _logging(None, None) else None
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    return value if isinstance(value, (bool, int, type(None))) else str(value)


# --- Where it hooks in. ---


def _read_orders():
    with open(os.environ.get("TASKS_OVERLAY") or os.path.join(HERE, "overlay.json"), encoding="utf-8") as file:
        return Overlay(json.load(file))


def _install():
    """Without usable orders, Python starts as always, and Django refuses to."""
    try:
        overlay, trouble = _read_orders(), None
    except Exception as error:
        overlay, trouble = None, error
    loader = importlib.machinery.SourceFileLoader
    plain = loader.exec_module

    def exec_module(self, module):
        pinned = overlay.pinned_in(module) if overlay else {}
        if pinned:
            overlay.run(self.get_code(module.__name__), module, pinned)
        else:
            plain(self, module)
        if module.__name__ == "django.conf":
            _patch_django(module, overlay, trouble)

    loader.exec_module = exec_module
    if "django.conf" in sys.modules:  # a .pth file came first
        _patch_django(sys.modules["django.conf"], overlay, trouble)


def _patch_django(conf, overlay, trouble):
    plain_init, plain_configure = conf.Settings.__init__, conf.LazySettings.configure

    def ready():
        if overlay is None:
            raise OverlayError("the settings overlay has no orders that it can read: %s" % trouble)
        return overlay

    def init(self, settings_module):
        settings_module = ready().orders.get("settings_module") or settings_module
        os.environ["DJANGO_SETTINGS_MODULE"] = settings_module
        plain_init(self, settings_module)
        overlay.complete(self, sys.modules[settings_module].__dict__)

    def configure(self, *args, **options):
        ready()
        plain_configure(self, *args, **options)
        overlay.complete(self._wrapped, {})

    conf.Settings.__init__ = init
    conf.LazySettings.configure = configure


def _run_the_one_we_hide():
    """The system may have a sitecustomize of its own, further down the path."""
    path = [folder for folder in sys.path if os.path.abspath(folder or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


try:
    _install()
except Exception as error:
    sys.stderr.write("The settings overlay cannot hook into this Python: %r\n" % error)
    sys.modules["django.conf"] = None  # so that no site starts unprotected

try:
    _run_the_one_we_hide()
except Exception as error:
    sys.stderr.write("Error in the system's sitecustomize: %r\n" % error)
