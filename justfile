# What CI runs; needs root on Debian 12, because it starts a Docker daemon.
check:
    .ci/run

# The tests that need neither root nor Docker.
test:
    cargo test --locked

# The quick part of the gate, before each commit.
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --document-private-items --locked

# target/static/sexton
static:
    docker/build-static

# End-to-end tests in real Docker; names as unittest's: just docker test_reaping.Leaks
docker *tests:
    docker/test {{tests}}

# The same in podman and in containerd as Kubernetes uses it: just runtimes test_podman.Pod
runtimes *tests:
    docker/runtimes-test {{tests}}

# sexton beside other inits: just bench --quick, just bench --only start,memory, just bench --write
bench *arguments: static
    cargo build --release --locked
    benches/run.py {{arguments}}
