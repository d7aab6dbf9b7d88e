"""Amounts of money: exact, in one spelling, and readable."""

import re
from dataclasses import dataclass
from decimal import Decimal

# ISO 4217, the currencies in circulation.
CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP
    MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(CODES.split())

WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
WITH_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
DECIMALS = dict.fromkeys(WITHOUT_DECIMALS.split(), 0) | dict.fromkeys(WITH_THREE_DECIMALS.split(), 3)
"""How many decimals an amount has at least, where that is not two."""

SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, text: str) -> "Money":
        """Read "EUR 12.50", whatever the case. Raises ValueError for anything else, a negative amount included.

        The amount keeps what is smaller than a cent ("USD 0.0004"), but no zeros behind it.
        """
        found = re.fullmatch(r"([A-Za-z]{3}) ?([0-9]{1,15}(?:\.[0-9]{1,8})?)", text)
        currency = found[1].upper() if found else ""
        if found is None or currency not in CURRENCIES:
            raise ValueError(text)
        whole, _, fraction = found[2].partition(".")
        fraction = fraction.rstrip("0").ljust(DECIMALS.get(currency, 2), "0")
        return cls(Decimal(f"{whole}.{fraction}" if fraction else whole), currency)

    def __str__(self) -> str:
        """The spelling in which it is kept: "EUR 12.50"."""
        return f"{self.currency} {self.amount:f}"

    @property
    def display(self) -> str:
        """As a reader expects it: "€1,250.00", or with its code where no sign is known everywhere: "CHF 12.50"."""
        symbol = SYMBOLS.get(self.currency)
        return f"{symbol}{self.amount:,f}" if symbol else f"{self.currency} {self.amount:,f}"
