#!/usr/bin/env bash
# Photographs issue 22 in Thunderbird under Xvfb into docs/thunderbird-light.png and docs/thunderbird-dark.png:
# `make thunderbird`. With a folder (`make thunderbird STRETCHES=folder`), photographs issues 22 and 23 there instead,
# whole, in stretches of 1400 pixels, in three ways:
#   light   the light theme;
#   dark    the dark theme, "dark message mode" off: the letter stays light;
#   adapted the dark theme as Thunderbird comes, "dark message mode" on (mail.dark-reader.enabled).
# Thunderbird 153 drops @media rules from every message, so that the letter's own dark rules never apply there. Dark
# message mode (chrome/messenger/content/messenger/DarkReader.mjs in its omni.ja) judges one style at a time, by a
# luminance of 0 to 255: it takes out a ground above 200, a text up to 200 that has no ground in the same style, and a
# ground whose text, in the same style, is less than 3.5 times lighter or darker.
# Wants Debian's thunderbird, xvfb, xdotool, imagemagick and dbus-x11; not part of the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
stretches=${1:-}
width=1000 height=1400
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$scratch"' EXIT

preferences() { # WAY
  cat <<'PREFS'
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.spotlight.firstRunDone", true);
user_pref("mail.rights.version", 1);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.update.enabled", false);
PREFS
  if [ "$1" = light ]; then
    echo 'user_pref("layout.css.prefers-color-scheme.content-override", 1);'
  else
    echo 'user_pref("layout.css.prefers-color-scheme.content-override", 0);'
    echo 'user_pref("ui.systemUsesDarkTheme", 1);'
    echo 'user_pref("extensions.activeThemeID", "thunderbird-compact-dark@mozilla.org");'
    echo "user_pref(\"mail.dark-reader.enabled\", $([ "$1" = adapted ] && echo true || echo false));"
  fi
}

message_window() { # the window of the message; the main window has "Home" for a name, or none
  local window
  for window in $(xdotool search --onlyvisible --class thunderbird 2>/dev/null); do
    case $(xdotool getwindowname "$window") in
      'Home - '* | 'Mozilla Thunderbird' | [Tt]hunderbird) ;;
      *' - Mozilla Thunderbird') echo "$window" && return ;;
    esac
  done
}

photograph() { # ISSUE WAY PICTURE HEIGHT
  local profile="$scratch/profile-$1-$2" display window="" screen thunderbird
  mkdir -p "$profile"
  preferences "$2" >"$profile/user.js"
  [ -d "$scratch/letter-$1" ] || .venv/bin/pvd-mailer render "$1" -o "$scratch/letter-$1" >/dev/null
  Xvfb -displayfd 3 -screen 0 "${width}x$4x24" 3>"$scratch/display" >/dev/null 2>&1 &
  screen=$!
  for _ in $(seq 50); do [ -s "$scratch/display" ] && break || sleep 0.2; done
  display=$(cat "$scratch/display")
  export DISPLAY=":$display"
  dbus-run-session -- thunderbird --profile "$profile" -file "$scratch/letter-$1/letter.eml" >/dev/null 2>&1 &
  thunderbird=$!
  for _ in $(seq 60); do
    sleep 1
    window=$(message_window) || true
    [ -n "$window" ] && break
  done
  [ -n "$window" ] || { echo "Thunderbird did not open issue $1 within a minute." >&2; exit 1; }
  xdotool windowmove "$window" 0 0 windowsize "$window" "$width" "$4" windowraise "$window" mousemove "$((width - 2))" 2
  sleep 6
  import -window root "$3"
  kill "$thunderbird" "$screen" 2>/dev/null || true
  wait "$thunderbird" "$screen" 2>/dev/null || true
  rm "$scratch/display"
}

if [ -z "$stretches" ]; then
  for way in light adapted; do
    picture="docs/thunderbird-${way/adapted/dark}.png"
    photograph 22 "$way" "$scratch/$way.png" "$height"
    convert "$scratch/$way.png" +dither -colors 255 "PNG8:$picture"
    echo "$picture"
  done
  exit
fi

mkdir -p "$stretches"
for issue in 22 23; do
  for way in light dark adapted; do
    # A window taller than any letter shows all of it; the status line and the empty ground below are cut off.
    photograph "$issue" "$way" "$scratch/whole.png" 14000
    rm -f "$stretches/thunderbird-$issue-$way"-*.png
    convert "$scratch/whole.png" -gravity south -chop 0x26 -trim +repage -gravity northwest \
      -crop "${width}x$height" +repage -scene 1 "$stretches/thunderbird-$issue-$way-%d.png"
    printf '%s\n' "$stretches/thunderbird-$issue-$way"-*.png
  done
done
