"""A real co-simulation unit, built from C when a test wants one."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import fmpy
import fmpy.fmi2
import fmpy.fmi3

NAME = "tank"
HEADERS = Path(fmpy.__file__).parent / "c-code"
FMI2 = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="2.0" modelName="tank" guid="{{tank}}" numberOfEventIndicators="0">
  <CoSimulation modelIdentifier="tank" canHandleVariableCommunicationStepSize="true"/>
  <UnitDefinitions><Unit name="K"/><Unit name="W"/></UnitDefinitions>
  <ModelVariables>
    <ScalarVariable name="TSet" valueReference="0" causality="input" variability="continuous"><Real unit="K" start="280.15"/></ScalarVariable>
    <ScalarVariable name="T" valueReference="1" causality="output" variability="continuous"><Real unit="K"/></ScalarVariable>
    <ScalarVariable name="tau" valueReference="2" causality="parameter" variability="fixed"><Real start="100"/></ScalarVariable>
    <ScalarVariable name="P" valueReference="3" causality="output" variability="continuous"><Real unit="W"/></ScalarVariable>
    <ScalarVariable name="on" valueReference="10" causality="input" variability="discrete"><Boolean start="true"/></ScalarVariable>
  </ModelVariables>
  <ModelStructure><Outputs><Unknown index="2"/><Unknown index="4"/></Outputs></ModelStructure>
</fmiModelDescription>
"""
FMI3 = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="3.0" modelName="tank" instantiationToken="{{tank}}">
  <CoSimulation modelIdentifier="tank" canHandleVariableCommunicationStepSize="true"/>
  <UnitDefinitions><Unit name="K"/><Unit name="W"/></UnitDefinitions>
  <ModelVariables>
    <Float64 name="time" valueReference="4" causality="independent" variability="continuous"/>
    <Float64 name="TSet" valueReference="0" causality="input" unit="K" start="280.15"/>
    <Float64 name="T" valueReference="1" causality="output" unit="K"/>
    <Float64 name="tau" valueReference="2" causality="parameter" variability="fixed" start="100"/>
    <Float64 name="P" valueReference="3" causality="output" unit="W"/>
    <Boolean name="on" valueReference="10" causality="input" variability="discrete" start="true"/>
  </ModelVariables>
  <ModelStructure><Output valueReference="1"/><Output valueReference="3"/></ModelStructure>
</fmiModelDescription>
"""
MAP = """\
step: 10 s
start: {tau: 50}
inputs:
  chiller_1.enable: "on"
  chiller_1.chilled_water_setpoint: {variable: TSet, local: 281.15}
outputs:
  chiller_1.chilled_water_supply_temp: {variable: T, unit: K}
  chiller_1.power: P
"""


def build_unit(folder: Path, version: int) -> Path:
    """Compiles and packs it. Needs gcc."""
    library = folder / "tank.so"
    source = Path(__file__).with_name("fmu_model.c")
    flags = ["-DFMI3"] if version == 3 else []
    rest = folder / "rest.c"
    rest.write_text(_rest(source.read_text(), version))
    command = ["gcc", "-shared", "-fPIC", "-w", *flags, f"-I{HEADERS}", str(source), str(rest), "-lm"]
    subprocess.run([*command, "-o", str(library)], check=True, capture_output=True, timeout=60)
    path = folder / f"tank{version}.fmu"
    place = fmpy.platform_tuple if version == 3 else fmpy.platform
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("modelDescription.xml", FMI3 if version == 3 else FMI2)
        packed.write(library, f"binaries/{place}/tank.so")
    return path


def _rest(source: str, version: int) -> str:
    """Functions that FMPy asks every unit for and that this one has no use for."""
    kind = fmpy.fmi3.FMU3Slave if version == 3 else fmpy.fmi2.FMU2Slave
    names = [name for name in dir(kind) if name.startswith(f"fmi{version}")]
    return "\n".join(f"int {name}(void) {{ return 0; }}" for name in names if f" {name}(" not in source)
