"""Answers, in one start of Python, all that a deploy asks of a Django project; prints one line of JSON after a marker.

    cd FOLDER-OF-MANAGE.PY && PYTHONPATH=OVERLAY virtualenv/bin/python facts.py superlists.wsgi:application

The WSGI module is imported as the server would import it, so the settings are those that the site really has, whatever
manage.py and wsgi.py say. Nothing is written, and no SQLite file is made. Passwords and keys are never printed.
"""

import importlib
import json
import os
import re
import sys
import traceback

MARKER = "--- facts "
NAME = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b[A-Z][A-Z0-9]{2,}\b")
SECRET = re.compile(r"SECRET|KEY|PASS|TOKEN|_URL|DSN|CREDENTIAL")

# A project that reads a .env file puts more into the environment; what is masked is what was handed in.
_given = dict(os.environ)


def main():
    sys.path[0] = os.getcwd()  # in place of this file's own folder
    try:
        import_site(sys.argv[1])
        answer = facts()
    except BaseException as error:  # a settings module may also call sys.exit()
        answer = {"error": explained(error)}
    sys.stdout.write("\n" + MARKER + json.dumps(answer, default=str) + "\n")
    sys.stdout.flush()
    os._exit(0)  # threads that the project started on import, and its exit hooks, are not waited for


def import_site(target):
    """Imports the WSGI module; a project without one is set up from DJANGO_SETTINGS_MODULE alone."""
    if target:
        importlib.import_module(target.split(":")[0])
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def facts():
    import django
    from django.conf import settings

    findings, checks_failed = deploy_checks()
    return {
        "django": django.get_version(),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "settingsModule": os.environ.get("DJANGO_SETTINGS_MODULE"),
        "debug": settings.DEBUG,
        "allowedHosts": list(settings.ALLOWED_HOSTS),
        "hasStaticFiles": django.apps.apps.is_installed("django.contrib.staticfiles"),
        "staticUrl": url(settings, "STATIC_URL"),
        "staticRoot": text(settings.STATIC_ROOT),
        "mediaUrl": url(settings, "MEDIA_URL"),
        "mediaRoot": text(settings.MEDIA_ROOT),
        "secureSslRedirect": settings.SECURE_SSL_REDIRECT,
        "databases": {alias: database(alias) for alias in settings.DATABASES},
        "migrations": migrations(),
        "findings": findings,
        "checksFailed": checks_failed,
        "writesIntoSource": writes_into_source(settings),
        "forced": getattr(sys.modules.get("sitecustomize"), "FORCED", {}),
    }


def text(value):
    return str(value) if value else None


def url(settings, name):
    """The address of a folder of files; Django makes "/" of one that is not set, which would be the whole site."""
    value = getattr(settings, name)
    return value if value not in (None, "", "/") else None


def database(alias):
    from django.db import connections

    settings = connections[alias].settings_dict
    answer = {"engine": settings["ENGINE"], "path": None, "inSource": False}
    if connections[alias].vendor == "sqlite" and not is_in_memory(settings["NAME"]):
        answer.update(path=os.path.abspath(str(settings["NAME"])), inSource=is_in_source(settings["NAME"]))
    return answer


def is_in_memory(name):
    return ":memory:" in str(name) or "mode=memory" in str(name)


def is_in_source(path):
    """Whether a path lies below the folder that the overlay calls the source, or else the working folder."""
    source = os.path.realpath(overlay_orders().get("source") or os.getcwd())
    return (os.path.realpath(str(path)) + os.sep).startswith(source + os.sep)


def overlay_orders():
    try:
        folder = os.path.dirname(os.path.abspath(sys.modules["sitecustomize"].__file__))
        with open(os.environ.get("TASKS_OVERLAY") or os.path.join(folder, "overlay.json"), encoding="utf-8") as file:
            return json.load(file)
    except (KeyError, AttributeError, OSError, ValueError):
        return {}


def migrations():
    """What `migrate` would apply, in its order. Connecting would create a SQLite file, so a missing one is not opened."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.loader import MigrationLoader

    if connection.settings_dict["ENGINE"] == "django.db.backends.dummy":
        return {"reachable": True, "pending": [], "because": None}
    path = database("default")["path"]
    if path and not os.path.exists(path):
        graph = MigrationLoader(None).graph
        keys = dict.fromkeys(key for leaf in graph.leaf_nodes() for key in graph.forwards_plan(leaf))
        return {"reachable": True, "pending": [".".join(key) for key in keys], "because": None}
    try:
        connection.ensure_connection()
    except Exception as error:
        return {"reachable": False, "pending": None, "because": one_line(error)}
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {"reachable": True, "pending": ["%s.%s" % (step.app_label, step.name) for step, _ in plan], "because": None}


def deploy_checks():
    """The checks import the URLs too, which may need what is made later, such as collected static files."""
    from django.core import checks

    try:
        messages = checks.run_checks(include_deployment_checks=True)
    except Exception as error:
        return [], one_line(error)
    levels = {checks.DEBUG: "debug", checks.INFO: "info", checks.WARNING: "warning", checks.ERROR: "error"}
    heard = sorted((message for message in messages if not message.is_silenced()), key=lambda heard: str(heard.id))
    return [
        {"id": message.id, "level": levels.get(message.level, "critical"), "message": masked(" ".join(message.msg.split()))}
        for message in heard
    ], None


def writes_into_source(settings):
    """Settings, other than the ones that are forced, that put files into the source, where the next release leaves them."""
    paths = {
        "MEDIA_ROOT": settings.MEDIA_ROOT,
        "EMAIL_FILE_PATH": getattr(settings, "EMAIL_FILE_PATH", None),
        "SESSION_FILE_PATH": getattr(settings, "SESSION_FILE_PATH", None),
    }
    for alias, cache in settings.CACHES.items():
        if "filebased" in cache.get("BACKEND", ""):
            paths["CACHES[%s]" % alias] = cache.get("LOCATION")
    for alias, storage in getattr(settings, "STORAGES", {}).items():
        paths["STORAGES[%s]" % alias] = storage.get("OPTIONS", {}).get("location")
    for name, handler in (settings.LOGGING or {}).get("handlers", {}).items():
        paths["LOGGING[%s]" % name] = handler.get("filename")
    return {name: str(path) for name, path in paths.items() if path and is_in_source(path)}


# --- When the project does not even load. ---


def explained(error):
    """The kind of the failure, the name of what is missing, and where in the project it happened."""
    kind, name = kind_and_name(error)
    return {"kind": kind, "name": name, "message": one_line(error), "where": place(error)}


def kind_and_name(error):
    missing = missing_variable(error)
    if missing:
        return "missing-variable", missing
    if isinstance(error, ModuleNotFoundError):
        return "missing-module", error.name
    if isinstance(error, ImportError):
        return "import", None
    if isinstance(error, SyntaxError):
        return "syntax", None
    if type(error).__name__ == "ImproperlyConfigured":
        return "improperly-configured", None
    return "exception", None


def missing_variable(error):
    """The variable's name: from os.environ's own KeyError, wherever in the chain it is, or from the words of the usual packages."""
    link = error
    while link is not None:
        if isinstance(link, KeyError) and link.args and innermost_file(link) == os.__file__:
            return str(link.args[0])
        link = link.__cause__ or link.__context__
    kind, words = type(error).__name__, str(error)
    if kind == "UndefinedValueError" or re.search(r"environment|env(iron)?[ .]var", words, re.IGNORECASE):
        found = [name for name in NAME.findall(words) if name != "DJANGO_SETTINGS_MODULE"]
        return found[0] if found else None
    return None


def innermost_file(error):
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].filename.replace("<frozen os>", os.__file__) if frames else None


def place(error):
    if isinstance(error, SyntaxError) and error.filename:
        return "%s:%s" % (os.path.relpath(error.filename), error.lineno)
    here = os.getcwd() + os.sep
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(here)]
    return "%s:%s" % (os.path.relpath(frames[-1].filename), frames[-1].lineno) if frames else None


def one_line(error):
    """Only the first line with words in it; psycopg and others say kilobytes."""
    words = [line.strip() for line in str(error).splitlines() if line.strip()]
    return masked("%s: %s" % (type(error).__name__, words[0]) if words else type(error).__name__)


def masked(words):
    for name, value in _given.items():
        if SECRET.search(name):
            password = re.search("://[^/@]*:([^/@]+)@", value)
            for secret in [value] + ([password.group(1)] if password else []):
                words = words.replace(secret, "***") if len(secret) >= 6 else words
    return words


if __name__ == "__main__":
    main()
