# The Makefile's verbs for Windows: .\make.ps1 demo, .\make.ps1 test
param([string]$Verb = "help", [Parameter(ValueFromRemainingArguments)][string[]]$Rest)
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
$python = ".venv\Scripts\python.exe"

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
    "demo"  { Setup; & $python -m bridge demo @Rest }
    "test"  { Setup; & $python -m pytest @Rest }
    "slow"  { Setup; & $python -m pytest -m slow @Rest }
    "bench" { Setup; if (-not $Rest) { $Rest = @("all") }; & $python -m bridge bench @Rest }
    "lint"  { Setup; & $python -m ruff check .; & $python -m ruff format --check .; & $python -m pyright }
    default { "verbs: setup demo test slow bench lint" }
}
exit $LASTEXITCODE
