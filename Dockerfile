# One image for web, workers, scheduler and setup; docker-compose.yml gives each its command.
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/app/.venv/bin:$PATH
RUN python -m venv .venv
COPY requirements.txt ./
COPY deploy/constraints.txt deploy/
RUN pip install -r requirements.txt -c deploy/constraints.txt
COPY . .
RUN python -m nexnum_console.stack.frontend && rm -rf .web/node_modules .nexnum

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app nexnum
WORKDIR /app
COPY --from=build --chown=nexnum /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2
USER nexnum
EXPOSE 8000
CMD ["python", "-m", "nexnum_console.stack.serve", "--host", "0.0.0.0", "--port", "8000"]
