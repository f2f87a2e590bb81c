"""The techniques of MITRE ATT&CK (version 16) that detections name, by id."""

from collections.abc import Mapping
from types import MappingProxyType

TECHNIQUES: Mapping[str, str] = MappingProxyType(
    {
        "T1018": "Remote System Discovery",
        "T1021": "Remote Services",
        "T1041": "Exfiltration Over C2 Channel",
        "T1046": "Network Service Discovery",
        "T1048": "Exfiltration Over Alternative Protocol",
        "T1048.003": "Exfiltration Over Unencrypted Non-C2 Protocol",
        "T1071": "Application Layer Protocol",
        "T1071.001": "Web Protocols",
        "T1071.004": "DNS",
        "T1110": "Brute Force",
        "T1110.001": "Password Guessing",
        "T1110.003": "Password Spraying",
        "T1562.007": "Disable or Modify Cloud Firewall",
        "T1567": "Exfiltration Over Web Service",
        "T1568": "Dynamic Resolution",
        "T1568.002": "Domain Generation Algorithms",
        "T1572": "Protocol Tunneling",
        "T1595": "Active Scanning",
        "T1595.001": "Scanning IP Blocks",
    }
)
