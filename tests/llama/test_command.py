import json
import sys
from pathlib import Path

import localaik
from localaik.llama.catalogue import ModelFiles
from localaik.llama.command import plan_built_in, plan_llama_server
from localaik.settings import ModelSettings

FILES = ModelFiles(name="m", model="/m.gguf", mmproj=None, ctx_size=8192)
TUNED = ModelSettings(
    ctx_size=100,
    threads_batch=5,
    batch_size=64,
    ubatch_size=32,
    gpu_layers=-1,
    parallel=2,
    flash_attn="on",
    cont_batching=False,
    mlock=True,
)


def test_the_child_is_a_module_run_where_localaik_is_found():
    plan = plan_built_in(ModelSettings(), FILES)
    argv = plan.argv(77)
    assert argv == (sys.executable, "-m", "localaik.llama.child", "77", plan.work)
    assert Path(plan.folder, "localaik", "__init__.py").samefile(localaik.__file__)


def test_settings_that_are_absent_are_not_passed_on():
    assert json.loads(plan_built_in(ModelSettings(), FILES).work) == {
        "params": {
            "model": "/m.gguf",
            "alias": "m",
            "ctx_size": 8192,
            "parallel": 4,
            "predict": 2048,
            "cont_batching": True,
            "mlock": False,
        }
    }


def test_all_settings_reach_the_built_in_llama_cpp():
    files = ModelFiles(name="m", model="/m.gguf", mmproj="/p.gguf", ctx_size=100, threads=3)
    assert json.loads(plan_built_in(TUNED, files).work) == {
        "params": {
            "model": "/m.gguf",
            "mmproj": "/p.gguf",
            "alias": "m",
            "ctx_size": 100,
            "parallel": 2,
            "predict": 50,
            "threads": 3,
            "threads_batch": 5,
            "batch_size": 64,
            "ubatch_size": 32,
            "gpu_layers": 999,
            "flash_attn": "on",
            "cont_batching": False,
            "mlock": True,
        }
    }


def test_threads_are_for_prompts_too_unless_told_otherwise():
    files = ModelFiles(name="m", model="/m.gguf", mmproj=None, ctx_size=100, threads=3)
    work = json.loads(plan_built_in(ModelSettings(), files).work)
    assert work["params"]["threads_batch"] == 3


def test_a_llama_server_gets_its_host_explicitly():
    plan = plan_llama_server(ModelSettings(), FILES, "/bin/llama-server")
    assert " ".join(json.loads(plan.work)["argv"]) == (
        "/bin/llama-server --host 127.0.0.1 -m /m.gguf --alias m -c 8192 -np 4 -n 2048"
        " --kv-unified --jinja"
    )


def test_all_settings_reach_a_llama_server():
    files = ModelFiles(name="m", model="/m.gguf", mmproj="/p.gguf", ctx_size=100, threads=3)
    plan = plan_llama_server(TUNED, files, "/bin/llama-server")
    assert " ".join(json.loads(plan.work)["argv"]) == (
        "/bin/llama-server --host 127.0.0.1 -m /m.gguf --mmproj /p.gguf --alias m -c 100 -np 2"
        " -n 50 -t 3 -tb 5 -b 64 -ub 32 -ngl 999 -fa on"
        " --kv-unified --jinja --no-cont-batching --mlock"
    )


def test_an_answer_may_have_a_token_even_with_more_slots_than_context():
    files = ModelFiles(name="m", model="/m.gguf", mmproj=None, ctx_size=2)
    assert json.loads(plan_built_in(ModelSettings(), files).work)["params"]["predict"] == 1
