#!/bin/sh
# deploy.sh check|look|make SITE PROJECT SSH_CONFIG USER@HOST…    (SECRET_KEY in the environment)
#
# The floor: what a careful admin writes by hand. `check` sends the checks alone and exits with 3 where a fact does not hold;
# `look` does the same and exits with 0; `make` sends the script that makes them hold, and the project with it.
# One ssh for each host, all hosts at once.
mode=$1 site=$2 project=$3 config=$4
shift 4
case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac

ids=$(git -C "$project" rev-parse HEAD HEAD:requirements.txt) || exit
{ read -r head && read -r blob; } <<END
$ids
END
IFS='"' read -r _ version _ <"$project/bench_site/version.py"

send() {
    printf '%s\n' "site=$site user=$1 head=$head blob=$blob version=$version secret=$SECRET_KEY"
    case $mode in
    make)
        echo 'archive() { base64 -d <<"END"'
        git -C "$project" archive --format=tar.gz HEAD | base64
        printf 'END\n}\n'
        exec cat "$here/texts.sh" "$here/make.sh"
        ;;
    check) echo differing=3 ;;
    look) echo differing=0 ;;
    esac
    exec cat "$here/texts.sh" "$here/check.sh"
}

deploy() {
    send "${1%@*}" | ssh -F "$config" "$1" sudo sh -s
}

[ $# -gt 1 ] || { deploy "$1"; exit; }

pids=
for target; do
    deploy "$target" &
    pids="$pids $!"
done
status=0
for pid in $pids; do wait "$pid" || status=$?; done
exit $status
