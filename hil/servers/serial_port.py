"""A real serial port as a line for simulated units, in place of a pseudo-terminal."""

from __future__ import annotations

from dataclasses import dataclass

import serial


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialPort:
    """Where it is and how it is set, as in the bus of the site file."""

    path: str
    baudrate: int = 9600
    parity: str = "even"  # none, even, odd
    stopbits: int = 1


def open_port(port: SerialPort) -> serial.Serial:
    """Open, exclusively ours and not blocking. Raises OSError."""
    return serial.Serial(
        port.path,
        port.baudrate,
        parity=port.parity[0].upper(),
        stopbits=port.stopbits,
        timeout=0,
        write_timeout=0,
        exclusive=True,
    )
