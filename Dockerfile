# stamplint as a static binary on an image without a shell:
#   docker build -t stamplint . && docker run --rm -v "$PWD:/work:ro" stamplint
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /src/target/release/stamplint /usr/bin/stamplint
WORKDIR /work
ENTRYPOINT ["/usr/bin/stamplint"]
