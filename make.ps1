# The Makefile's verbs for Windows: powershell -ExecutionPolicy Bypass -File make.ps1 demo
param([string]$Verb = "help", [Parameter(ValueFromRemainingArguments)][string[]]$Rest)
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
$python = ".venv\Scripts\python.exe"
$sideBySide = "-p", "xdist", "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"

function Setup {
    if (-not (Test-Path $python)) { py -3 -m venv .venv; if ($LASTEXITCODE) { exit 1 } }
    $stamp = ".venv\.installed"
    if (-not (Test-Path $stamp) -or (Get-Item pyproject.toml).LastWriteTime -gt (Get-Item $stamp).LastWriteTime) {
        & $python -m pip install --quiet --upgrade pip
        & $python -m pip install --quiet --editable ".[stage,dev]"
        if ($LASTEXITCODE) { exit 1 }
        Set-Content $stamp "installed"
    }
}

switch ($Verb) {
    "setup" { Setup }
    "engine" { Setup; & $python -m bridge plugin build --if-possible }
    "demo"  { Setup; & $python -m bridge plugin build --if-possible; & $python -m bridge demo @Rest }
    "test"  { Setup; & $python -m pytest @sideBySide @Rest }
    "slow"  {
        Setup
        & $python -m pytest @sideBySide -m "slow and not browser" @Rest; if ($LASTEXITCODE -notin 0, 5) { exit 1 }
        & $python -m pytest -m "slow and browser" @Rest; if ($LASTEXITCODE -eq 5) { exit 0 }
    }
    "bench" { Setup; if (-not $Rest) { $Rest = @("all") }; & $python -m bridge bench @Rest }
    "lint"  {
        Setup
        & $python -m ruff check .; if ($LASTEXITCODE) { exit 1 }
        & $python -m ruff format --check .; if ($LASTEXITCODE) { exit 1 }
        & $python -m pyright
    }
    "docs"  { Setup; & $python -m pytest tests/test_docs.py --regenerate-docs }
    "clean" { Remove-Item -Recurse -Force -ErrorAction SilentlyContinue .venv, build, out, .pytest_cache, .ruff_cache }
    default { "verbs: setup engine demo test slow bench lint docs clean" }
}
exit $LASTEXITCODE
