# On the host, after texts.sh: the forty facts, looked at and left as they are.
# In braces: the shell has read all of it before it begins, and no program can take the rest of it for its input.
{
    count=0
    differs() {
        echo "differs: $1"
        count=$((count + 1))
    }

    installed || differs packages
    has_user || differs user
    nginx_passes || differs 'way through home'
    has_owners_and_modes || differs 'folders, owners or modes'
    has_texts || differs texts
    site_enabled || differs 'site enabled'
    no_default || differs 'default site'
    [ -x "$folder/virtualenv/bin/python" ] || differs virtualenv
    for stamp in "requirements-$blob" "source-$head" "migrated-$head" "collected-$head" "started-$head"; do
        [ -e "$stamps/$stamp" ] || differs "$stamp"
    done
    [ "$(units)" = "$units_good" ] || differs units
    nginx -t -q || differs nginx
    answers || differs answers

    echo "$count changed"
    [ "$count" = 0 ] || exit "$differing"
} </dev/null
