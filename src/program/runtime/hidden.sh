# ── What no output may show: what the client sent to be hidden, and what the sites of this host keep to themselves.

hidden() { # prints what sed makes of it
  if [ -e "$R/data/_mask" ]; then cat "$R/data/_mask"; fi
  [ "$ME" != root ] || site_files | site_secrets
}

# Another machine set them, or an older release has them still: a client that only rolls back knows none of them.
site_files() {
  while IFS=: read -r _ _ _ _ _ folder _; do
    [ -d "$folder/sites" ] || continue
    find "$folder"/sites/*/env "$folder"/sites/*/releases/*/env -maxdepth 1 -type f -size -1024k 2>/dev/null
  done </etc/passwd
}

# Each value line by line, the longest first. In a release, what the recipe computed comes first, and is no secret.
site_secrets() {
  LC_ALL=C awk '
    function hide(text, part) {
      gsub(/^[ \t]+|[ \t\r]+$/, "", text)
      if (length(text) < 4 || index(FILE, text) || tolower(text) ~ /^(true|false|none|null|localhost|debug|info|warning|error)$/) return
      # A long one may be cut by what prints it.
      part = length(text) > 400 ? int(length(text) / 100) : 1
      part = int((length(text) + part - 1) / part)
      for (; text != ""; text = substr(text, part + 1)) put(substr(text, 1, part))
    }
    function put(text, shown) {
      shown = text
      gsub(/[][\\^$.*\/]/, "\\\\&", shown)
      by_length[length(text)] = by_length[length(text)] "s/" shown "/***/g\n"
      if (length(text) > longest) longest = length(text)
    }
    {
      FILE = $0
      is_key = FILE ~ /\/secret_key$/
      is_open = FILE !~ /\/releases\//
      inside = 0
      while ((getline text < FILE) > 0) {
        if (is_key) { hide(text); continue }
        if (!inside && text ~ /^# (The variables of the stage|What was set on the host):$/) is_open = 1
        if (!inside && !sub(/^[A-Za-z_][A-Za-z0-9_]*=\047/, "", text)) continue
        gsub(/\047"\047"\047/, "\001quote\001", text)
        inside = !sub(/\047$/, "", text)
        gsub(/\001quote\001/, "\047", text)
        if (!is_open) continue
        hide(text)
        if (match(text, /:\/\/[^:\/?#@ ]*:[^@\/ ]+@/)) {
          text = substr(text, RSTART + 3, RLENGTH - 4)
          hide(substr(text, index(text, ":") + 1))
        }
      }
      close(FILE)
    }
    END { for (; longest > 0; longest--) printf "%s", by_length[longest] }'
}
