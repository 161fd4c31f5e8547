"""Where a country's clocks stand, for countries that have one time, and which domains belong to a country.

Countries with several time zones are left out on purpose: a call at a guess is a call at night.
"""

from __future__ import annotations

from collections.abc import Mapping

_EUROPE = (
    "AD Andorra,AL Tirane,AT Vienna,BA Sarajevo,BE Brussels,BG Sofia,BY Minsk,CH Zurich,CZ Prague,DE Berlin,"
    "DK Copenhagen,EE Tallinn,FI Helsinki,FR Paris,GB London,GR Athens,HR Zagreb,HU Budapest,IE Dublin,IT Rome,"
    "LI Vaduz,LT Vilnius,LU Luxembourg,LV Riga,MC Monaco,MD Chisinau,ME Podgorica,MK Skopje,MT Malta,NL Amsterdam,"
    "NO Oslo,PL Warsaw,RO Bucharest,RS Belgrade,SE Stockholm,SI Ljubljana,SK Bratislava,SM San_Marino,TR Istanbul,"
    "UA Kyiv"
)
_ELSEWHERE = (
    "AE Asia/Dubai,AM Asia/Yerevan,AZ Asia/Baku,BD Asia/Dhaka,BH Asia/Bahrain,CN Asia/Shanghai,CO America/Bogota,"
    "CY Asia/Nicosia,DZ Africa/Algiers,EG Africa/Cairo,GE Asia/Tbilisi,HK Asia/Hong_Kong,IL Asia/Jerusalem,"
    "IN Asia/Kolkata,IS Atlantic/Reykjavik,JO Asia/Amman,JP Asia/Tokyo,KE Africa/Nairobi,KR Asia/Seoul,"
    "KW Asia/Kuwait,LB Asia/Beirut,LK Asia/Colombo,MA Africa/Casablanca,MY Asia/Kuala_Lumpur,NG Africa/Lagos,"
    "PE America/Lima,PH Asia/Manila,PK Asia/Karachi,QA Asia/Qatar,SA Asia/Riyadh,SG Asia/Singapore,TH Asia/Bangkok,"
    "TN Africa/Tunis,TW Asia/Taipei,UY America/Montevideo,VN Asia/Ho_Chi_Minh,ZA Africa/Johannesburg"
)

TIME_ZONES: Mapping[str, str] = {
    **{row[:2]: f"Europe/{row[3:]}" for row in _EUROPE.split(",")},
    **{row[:2]: row[3:] for row in _ELSEWHERE.split(",")},
}
"""Country (ISO 3166 alpha-2) -> IANA time zone. Where a country keeps islands in another time, that of its people."""

NOBODYS = frozenset({"AI", "CC", "CO", "FM", "IO", "LY", "ME", "SH", "SO", "TO", "TV", "WS"})
"""Top-level domains of countries that everybody buys."""


def country_of_domain(domain: str) -> str | None:
    """The country whose own ending a domain has (`example.pl`), or None."""
    ending = domain.rpartition(".")[2].upper()
    known = "GB" if ending == "UK" else ending
    return known if known in TIME_ZONES and known not in NOBODYS else None
