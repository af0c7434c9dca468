# 常用命令 / The commands of the house. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8000
WORKSPACE ?= workspace
# Processes of the test run: as many as the machine has cores, at most 4.
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ "$$n" -gt 4 ] && echo 4 || echo "$$n")
# REQUIRE_DURABLE=1: a machine that cannot compile the second engine is an error, not a warning.
REQUIRE_DURABLE ?=

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCKED := $(PIP) install -q --no-deps --require-hashes --no-build-isolation

.DEFAULT_GOAL := help
.PHONY: help env env-test engine run test check rules fast lint format torture bench lock clean

help:  ## 列出命令 / list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

env: $(STAMPS)/package $(STAMPS)/durable  ## 建立 .venv / make .venv with .venv/bin/compliance

env-test: env $(STAMPS)/test  ## 加上测试所需 / the same with what the tests need

engine:  ## 再试编译第二引擎 / try again to compile the second engine
	@rm -f $(STAMPS)/durable
	@$(MAKE) --no-print-directory $(STAMPS)/durable

run: env  ## 示例工厂,浏览器打开 / serve the example plant on http://127.0.0.1:8000 [PORT=8000]
	@if [ ! -e $(WORKSPACE) ]; then \
	  rm -rf $(WORKSPACE).part && $(BIN)/compliance --data $(WORKSPACE).part demo \
	  && mv $(WORKSPACE).part $(WORKSPACE); \
	fi  # moved only when whole: a broken attempt leaves no half-made workspace
	@exec $(BIN)/compliance --data $(WORKSPACE) serve --port $(PORT)

test: env-test  ## 全部测试 / every test
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

check: lint rules test  ## 静态检查、规则、测试 / lint, rules and tests

rules: env  ## 检查规则库 / check the rule base
	$(BIN)/compliance rules check
	$(BIN)/compliance rules lint

lint: env-test  ## 只做静态检查 / format, lint, types and layers only
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: env-test  ## 统一格式 / write the format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fast: env-test  ## 十秒内的测试 / kernel, rulebase and core in under ten seconds
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -q -n $(JOBS) -m "not slow and not torture" tests/kernel tests/rulebase tests/core

torture: env-test  ## 几百次断电 / hundreds of crashes, the full figure
	$(BIN)/python -m pytest -m torture -s

bench: env-test  ## 速度 / the benchmarks
	@set -e; for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script; done

lock: env-test  ## 重新锁定依赖 / write the lock files anew
	$(PIP) install -q 'pip-tools>=7.5'
	cd requirements && for name in build durable; do $(LOCK) -o $$name.txt $$name.in; done
	$(LOCK) --extra postgres -o requirements/runtime.txt pyproject.toml
	$(LOCK) --extra postgres --extra test -c requirements/runtime.txt \
	  -o requirements/test.txt pyproject.toml

clean:  ## 删去环境与缓存 / remove the environment and the caches, never a workspace
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache

# The lock carries hashes and no host: whichever index the machine uses serves it.
LOCK = CUSTOM_COMPILE_COMMAND='make lock' $(CURDIR)/$(BIN)/pip-compile -q --generate-hashes \
  --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links \
  --no-emit-trusted-host --no-emit-options

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "需要 Python 3.11 或更高 / Python 3.11 or later is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "此 Python 缺少 venv 模块(Debian:apt install python3-venv)" >&2; \
	  echo "This Python has no venv module (Debian: apt install python3-venv)" >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/build: requirements/build.txt | $(STAMPS)/venv
	@$(LOCKED) -r $<
	@touch $@

$(STAMPS)/runtime: requirements/runtime.txt $(STAMPS)/build
	@echo "安装依赖 / installing what the program needs …"
	@$(LOCKED) -r $<
	@touch $@

# A failed attempt is remembered, so that `make run` stays quick; whoever requires it tries again.
ifneq ($(REQUIRE_DURABLE),)
ifeq ($(shell cat $(STAMPS)/durable 2>/dev/null),absent)
$(shell rm -f $(STAMPS)/durable)
endif
endif

# durable-rules comes as C source only. The macro is a function that Python 3.13 took away and
# newer compilers refuse to guess (the project's setup overwrites CFLAGS, not CPPFLAGS).
$(STAMPS)/durable: requirements/durable.txt $(STAMPS)/runtime
	@echo "编译 durable-rules / compiling durable-rules …"
	@if CPPFLAGS='-DPyEval_CallObject(c,a)=PyObject_Call(c,a,NULL)' \
	    $(LOCKED) --no-cache-dir --no-binary durable-rules -r $< >$(VENV)/durable.log 2>&1 \
	    && $(BIN)/python -c 'import durable_rules_engine' >>$(VENV)/durable.log 2>&1; \
	then touch $@; \
	elif [ -n "$(REQUIRE_DURABLE)" ]; then \
	  tail -n 30 $(VENV)/durable.log >&2; \
	  echo "无法编译 durable-rules / durable-rules could not be compiled" >&2; exit 1; \
	else \
	  echo "======================================================================" >&2; \
	  echo "警告:无法编译 durable-rules(需要 C 编译器和 Python 头文件)。" >&2; \
	  echo "系统仍可使用,但只有一个引擎判断,界面会注明;安装编译器后执行 make engine。" >&2; \
	  echo "WARNING: durable-rules could not be compiled (it needs a C compiler and the" >&2; \
	  echo "Python headers). The system works, but one engine judges alone and every health" >&2; \
	  echo "page says so. Install a compiler and run make engine." >&2; \
	  echo "Log: $(VENV)/durable.log" >&2; \
	  echo "======================================================================" >&2; \
	  echo absent > $@; \
	fi

$(STAMPS)/package: pyproject.toml setup.py $(STAMPS)/runtime
	@$(PIP) install -q --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/runtime
	@echo "安装测试所需 / installing what the tests need …"
	@$(LOCKED) -r $<
	@touch $@
