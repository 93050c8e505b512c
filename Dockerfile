# Citewire in a container: docs/hosting.md says how to use it. The first stage installs, and converts the networks with
# PyTorch; the second runs them without it. TORCH_INDEX is the address of an index of CPU builds of PyTorch, which saves
# gigabytes while building.
FROM python:3.11-slim AS build
ARG TORCH_INDEX=""
RUN apt-get update && apt-get install -y --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/citewire
ENV PATH=/opt/citewire/bin:$PATH CITEWIRE_CACHE=/opt/citewire-cache
WORKDIR /source
COPY constraints.txt pyproject.toml README.md LICENSE app.py ./
COPY corpus corpus
COPY embeddings embeddings
COPY qa qa
RUN if [ -n "$TORCH_INDEX" ]; then \
      pip install --no-cache-dir --index-url "$TORCH_INDEX" --constraint constraints.txt torch; \
    fi && \
    pip install --no-cache-dir --constraint constraints.txt '.[mcp]'
WORKDIR /
# Every network as any processor may want it: in floating point, and in eight bits. The bundled articles are added too.
RUN for precision in f32 int8; do \
      CITEWIRE_PRECISION=$precision citewire ask "Who led the delegations?" || exit 1; \
    done
RUN pip freeze | grep -oE '^(torch|triton|nvidia-[a-z0-9-]+|transformers|sentence-transformers)==' | tr -d = | \
    xargs pip uninstall --yes

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 citewire && mkdir /library && chown citewire /library
COPY --from=build /opt/citewire /opt/citewire
COPY --from=build --chown=citewire /opt/citewire-cache /opt/citewire-cache
ENV PATH=/opt/citewire/bin:$PATH CITEWIRE_CACHE=/opt/citewire-cache CITEWIRE_LIBRARY=/library PYTHONUNBUFFERED=1
USER citewire
WORKDIR /home/citewire
VOLUME /library
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
ENTRYPOINT ["citewire"]
CMD ["serve", "--host", "0.0.0.0"]
