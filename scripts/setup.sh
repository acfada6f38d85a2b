#!/usr/bin/env bash
# Installs what build and tests need and the machine lacks: cmake and libclang (for HiGHS), a C++
# compiler, and Python with environments (for SimPy: scripts/simpy.sh). Does nothing where all is there.
# Needs root or sudo; else it prints the command and stops.
set -euo pipefail

has_libclang() {
    # libclang-cpp.so is another library: only libclang.so*, libclang-14.so* and the like count.
    if [ -n "${LIBCLANG_PATH:-}" ] && ls "$LIBCLANG_PATH" | grep -Eq '^libclang(-[0-9.]+)?\.so'; then return 0; fi
    if ldconfig -p 2>/dev/null | grep -Eq '\blibclang(-[0-9.]+)?\.so'; then return 0; fi
    compgen -G '/usr/lib/*/libclang.so*' >/dev/null || compgen -G '/usr/lib/*/libclang-[0-9]*.so*' >/dev/null \
        || compgen -G '/usr/lib/llvm-*/lib/libclang.so*' >/dev/null || compgen -G '/usr/lib/llvm-*/lib/libclang-[0-9]*.so*' >/dev/null
}

libclang_package() {
    # The library alone is 30 MB; the -dev package, which every Debian has, is 240 MB.
    local name
    for name in libclang1-14 libclang1-16 libclang1-19 libclang1 libclang-dev; do
        if apt-cache show "$name" >/dev/null 2>&1; then echo "$name"; return; fi
    done
    echo libclang-dev
}

if ! command -v cargo >/dev/null; then
    echo "setup: cargo is missing; install Rust 1.95 or newer first" >&2
    exit 1
fi

missing=()
command -v cmake >/dev/null || missing+=(cmake)
command -v c++ >/dev/null || missing+=(g++)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
need_libclang=0
has_libclang || need_libclang=1
if [ ${#missing[@]} -eq 0 ] && [ $need_libclang -eq 0 ]; then exit 0; fi

if ! command -v apt-get >/dev/null; then
    [ $need_libclang -eq 0 ] || missing+=(libclang)
    echo "setup: please install with your system's package manager: ${missing[*]}" >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        as_root=(sudo)
    else
        [ $need_libclang -eq 0 ] || missing+=("$(libclang_package)")
        echo "setup: the build needs packages that are not installed; as root, run:" >&2
        echo "    apt-get update && apt-get install --no-install-recommends -y ${missing[*]}" >&2
        exit 1
    fi
fi

export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
[ $need_libclang -eq 0 ] || missing+=("$(libclang_package)")
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get install --no-install-recommends -y -q "${missing[@]}"
