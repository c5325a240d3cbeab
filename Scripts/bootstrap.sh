# What the other scripts share; read with `source`. Finds or installs what a build needs.
# Says what it does in one line each, on standard error; never asks anything but sudo's password, on a terminal.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { echo "${0##*/}: $*" >&2; }
fail() { say "$@"; exit 1; }

# install PACKAGE…: Debian packages, as root or through sudo.
install_packages() {
  local do_it="apt-get install -y --no-install-recommends $*" as_root=() log
  command -v apt-get >/dev/null ||
    fail "missing: $*. These are Debian package names; install what your system calls them, then run this again."
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then as_root=(sudo); else
      fail "missing: $*. Run this as root, then try again: apt-get update && $do_it"
    fi
  fi
  say "installing $*"
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
      install -y --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    fail "apt-get could not install them; the end of its log ($log) stands above. By hand: apt-get update && $do_it"
  fi
  rm -f "$log"
}

# The C libraries of the build and what Swift needs around it; asks the package manager only when one is not there.
need_libraries() {
  local missing=() entry
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  for entry in openblas:libopenblas-dev hdf5:libhdf5-dev yajl:libyajl-dev libpcre2-8:libpcre2-dev libxxhash:libxxhash-dev zlib:zlib1g-dev; do
    pkg-config --exists "${entry%%:*}" 2>/dev/null || missing+=("${entry##*:}")
  done
  command -v git >/dev/null || missing+=(git ca-certificates)
  compgen -G '/usr/lib/gcc/*/*/libstdc++.so' >/dev/null || [ "$(uname)" != Linux ] || missing+=(g++)
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
}

# Swift 6.2 or newer, in PATH or where its installers put it.
need_swift() {
  local folder version
  if ! command -v swift >/dev/null; then
    for folder in "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}" /opt/swift/usr/bin /usr/local/swift/usr/bin; do
      if [ -x "$folder/swift" ]; then PATH=$folder:$PATH && break; fi
    done
  fi
  command -v swift >/dev/null ||
    fail "Swift is not installed. Get 6.3 from https://www.swift.org/install/linux/ (swiftly, or an archive whose usr/bin you put in PATH), then run this again."
  # The toolchain's own libraries, which its archive does not bring along.
  swift build --version >/dev/null 2>&1 || install_packages libcurl4 libxml2 libsqlite3-0 libncurses6 libedit2 zlib1g tzdata
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
  [ -n "$version" ] || { swift --version >&2 || true; fail "\`swift --version\` fails, see above; reinstall Swift 6.3."; }
  [ "${version% *}" -gt 6 ] || { [ "${version% *}" = 6 ] && [ "${version#* }" -ge 2 ]; } ||
    fail "Swift ${version/ /.} is too old; 6.2 or newer is needed (https://www.swift.org/install/linux/). In use: $(command -v swift)"
}

need_python() { command -v python3 >/dev/null || install_packages python3; }
