#!/usr/bin/env bash
# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the Flatpaks of this folder, each into a file of its own.
#
#   build.sh FOLDER CACHE   makes FOLDER/ID.flatpak of each manifest; says what they run on
#
# Nothing goes to the installations of who runs it, or comes from there: runtimes are installed in
# CACHE/runtimes, for the next time, too.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
flathub=https://dl.flathub.org/repo/flathub.flatpakrepo

say () {
  printf '%s\n' "$*" >&2
}

as_root () {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

has_runtime () {
  flatpak --user info "org.gnome.Platform//$1" >/dev/null 2>&1 &&
    flatpak --user info "org.gnome.Sdk//$1" >/dev/null 2>&1
}

install_runtime () {
  flatpak --user install --noninteractive "$1" "org.gnome.Platform//$2" "org.gnome.Sdk//$2" >&2
}

# The real one; where there is no way to it, this must not take long.
fetch_runtime () {
  has_runtime "$1" ||
    { timeout 60 flatpak --user remote-add --if-not-exists flathub "$flathub" >&2 &&
      install_runtime flathub "$1"; }
}

# make_stand_in: made again only if it would become another one.
make_stand_in () {
  local folder=$cache/gnome-48 made_of

  made_of=$(sha256sum "$top/flatpak/stand-in.sh")
  made_of=${made_of%% *}
  if [ "$(cat "$folder/made-of" 2>/dev/null)" = "$made_of" ] && has_runtime 48; then
    return
  fi

  say 'Making a runtime of the packages of Debian 13, which takes some minutes the first time.'
  as_root "$top/flatpak/stand-in.sh" "$folder"
  as_root chown -R "$(id -u):$(id -g)" "$folder"
  ! has_runtime 48 ||
    flatpak --user uninstall --noninteractive --force-remove org.gnome.Platform//48 \
      org.gnome.Sdk//48 >&2
  flatpak --user remote-delete --force stand-in >/dev/null 2>&1 || true
  flatpak --user remote-add --no-gpg-verify stand-in "file://$folder/repo"
  install_runtime stand-in 48
  printf '%s\n' "$made_of" >"$folder/made-of"
}

# is_at_least VERSION WANTED
is_at_least () {
  [ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# build MANIFEST: only the version of the runtime is put into it. It is one level below the top, as
# the manifest itself, so that its paths hold.
build () {
  local id manifest options=()
  id=$(basename "$1" .yml)
  manifest=$folder/$id.yml

  sed "s/^runtime-version: .*/runtime-version: '$version'/" "$1" >"$manifest"
  if [ "$version" = "$wanted" ]; then
    # Who installs the file learns from it where its runtime is.
    options=(--runtime-repo="$flathub")
    # The SDK does not have any more what an older one asks it for.
    if ! is_at_least "$builder" 1.3.4; then
      say "flatpak-builder $builder is older than 1.3.4: this makes no entry for the catalogue."
      echo 'appstream-compose: false' >>"$manifest"
    fi
  fi

  flatpak-builder --user --force-clean --ccache --disable-rofiles-fuse --disable-updates \
    --state-dir="$folder/state" --repo="$folder/repo" "$folder/$id" "$manifest" >&2
  flatpak build-bundle ${options[@]+"${options[@]}"} "$folder/repo" "$folder/$id.flatpak" "$id" >&2
}

[ $# = 2 ] || { sed -n '5,10s/^# \?//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
folder=$1
cache=$2
mkdir -p "$folder" "$cache/runtimes"
# Flatpak itself would close it to other users.
chmod go+rx "$cache/runtimes"
export FLATPAK_USER_DIR=$cache/runtimes

builder=$(flatpak-builder --version)
builder=${builder##* }
wanted=$(sed -n "s/^runtime-version: '\(.*\)'/\1/p" "$top/flatpak/io.github.wsmulti.Inspector.yml")
version=$wanted
if fetch_runtime "$wanted"; then
  runtime="org.gnome.Platform//$version, from Flathub"
else
  make_stand_in
  version=48
  runtime="a stand-in for org.gnome.Platform//48, made of Debian 13; //$wanted could not be fetched"
fi

say "--- building on $runtime"
for manifest in "$top"/flatpak/*.yml; do
  build "$manifest"
done
echo "$runtime"
