#!/usr/bin/env bash
# Photographs issue 22 in Thunderbird under Xvfb into docs/thunderbird-light.png: `make thunderbird`.
# Wants Debian's thunderbird, xvfb, xdotool, imagemagick and dbus-x11; not part of the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$scratch"' EXIT
.venv/bin/pvd-mailer render 22 -o "$scratch/letter" >/dev/null
mkdir "$scratch/profile"
cat >"$scratch/profile/user.js" <<'PREFS'
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.spotlight.firstRunDone", true);
user_pref("mail.rights.version", 1);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("layout.css.prefers-color-scheme.content-override", 1);
user_pref("app.update.enabled", false);
PREFS
export DISPLAY=:77
Xvfb "$DISPLAY" -screen 0 1000x1400x24 >/dev/null 2>&1 &
sleep 1
dbus-run-session -- thunderbird --profile "$scratch/profile" -file "$scratch/letter/letter.eml" >/dev/null 2>&1 &
for _ in $(seq 40); do
  sleep 1
  window=$(xdotool search --onlyvisible --name 'Petites villes|jeunes' 2>/dev/null | tail -n 1) || true
  [ -n "$window" ] && break
done
xdotool windowmove "$window" 0 0 windowsize "$window" 1000 1400
sleep 6
import -window root docs/thunderbird-light.png
