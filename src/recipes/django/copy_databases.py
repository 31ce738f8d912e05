"""Copies the SQLite databases of a release before its migrations change them.

    python3 copy_databases.py FACTS_JSON FOLDER NUMBER

Reads the paths out of the release's facts.json. Each database that exists and holds anything is copied by SQLite's own backup, so that
the copy is whole while the site goes on writing: FOLDER/NAME.before-release-NUMBER. A copy that an earlier try of the same release
made is kept beside it, as NAME.before-release-NUMBER.first, since that try may have changed the database; all others are removed.
Prints one line of each copy, or why there is none.
"""

import json
import os
import re
import shutil
import sqlite3
import sys

LARGEST = 1 << 30  # a copy holds up whoever writes meanwhile
SPARE = 64 << 20


def main(facts, folder, number):
    with open(facts, encoding="utf-8") as file:
        databases = json.load(file)["databases"]
    paths = {database["path"] for database in databases.values() if database["path"]}
    for path in sorted(paths):
        if os.path.isfile(path) and os.path.getsize(path) > 0:
            copy(path, os.path.join(folder, os.path.basename(path)), number)


def copy(path, beside, number):
    target = "%s.before-release-%s" % (beside, number)
    size = os.path.getsize(path)
    free = shutil.disk_usage(os.path.dirname(target)).free
    if size > LARGEST or size + SPARE > free:
        why = "it is larger than 1 GiB" if size > LARGEST else "there is no room for it"
        print("not copied: %s: %s" % (path, why))
        return
    new = target + ".new"
    try:
        backup(path, new)
    except (sqlite3.Error, OSError) as error:
        remove(new)
        print("not copied: %s: %s" % (path, error))
        return
    first = target + ".first"
    if os.path.exists(target) and not os.path.exists(first):
        os.rename(target, first)
    os.rename(new, target)
    forget(beside, keep={target, first})
    print("copied: %s" % target)


def backup(path, new):
    remove(new)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    source = sqlite3.connect(path, timeout=20)
    target = sqlite3.connect(new)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def forget(beside, keep):
    folder, name = os.path.split(beside)
    copies = re.compile(re.escape(name) + r"\.before-release-\d+(\.first|\.new)?$")
    for each in os.listdir(folder):
        if copies.match(each) and os.path.join(folder, each) not in keep:
            remove(os.path.join(folder, each))


def remove(path):
    if os.path.exists(path):
        os.remove(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
