"""Surnames that so many people bear that two bearers born on one day are no surprise: the hundred or so commonest.

After the counts of the Dutch family name bank (2007), and the commonest names of people whose family came from
Turkey, Morocco, Surinam, the Antilles, China, Vietnam, Poland, Syria. It is a list of facts about names, learned
from nobody's records; whether a name that is not on it is common too, only costs a question less.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from pipeline.vocabulary.identity.letters import tidy
from pipeline.vocabulary.identity.names import surname_keys

COMMON_SURNAMES = """
de Jong, Jansen, de Vries, van den Berg, van Dijk, Bakker, Janssen, Visser, Smit, Meijer, de Boer,
Mulder, de Groot, Bos, Vos, Peters, Hendriks, van Leeuwen, Dekker, Brouwer, de Wit, Dijkstra, Smits, de
Graaf, van der Meer, van der Linden, Kok, Jacobs, de Haan, Vermeulen, van den Heuvel, van der Veen, van
den Broek, de Bruijn, de Bruin, van der Heijden, Schouten, van Beek, Willems, van Vliet, van de Ven,
Hoekstra, Maas, Verhoeven, Koster, van Dam, van der Wal, Prins, Blom, Huisman, Peeters, de Jonge,
Kuipers, van Veen, Post, Kuiper, Veenstra, Kramer, van den Brink, Scholten, van Wijk, Postma, Martens,
Vink, de Ruiter, Timmermans, Groen, Gerritsen, Jonker, van Loon, van der Velde, Willemsen, Smeets, de
Lange, de Vos, van Dongen, Schipper, de Koning, van der Laan, van der Velden, Driessen, van Doorn,
Hermans, Evers, van den Bosch, van der Meulen, Hofman, Bosman, Wolters, Sanders, van der Horst, Mol,
Kuijpers, Molenaar, van de Pol, de Leeuw, Verbeek, Schmidt, Meyer, Yilmaz, Kaya, Demir, Celik, Sahin,
Öztürk, Aydin, Arslan, Dogan, Kilic, Yildiz, Yildirim, Özdemir, Aslan, Koc, Kurt, Polat, Simsek, Amrani,
Idrissi, Bouzid, Haddou, Ouali, Alaoui, Bakkali, Boukhari, Hamdaoui, Mohamed, Ahmed, Ali, Hassan,
Hussein, Ibrahim, Abdi, Omar, Osman, Yusuf, Khan, Ahmad, Singh, Ramdin, Mohan, Martina, Maduro, Sambo,
Nguyen, Tran, Chen, Wang, Li, Zhang, Liu, Wong, Nowak, Kowalski, Wisniewski, Popescu, Ivanov, Petrov
"""


@lru_cache(maxsize=1)
def common_surname_keys() -> frozenset[str]:
    """The list as the normaliser writes it, with every reading of a name."""
    names = [" ".join(name.split()) for name in COMMON_SURNAMES.split(",")]
    keys = surname_keys(tidy(pl.DataFrame({"particles": [None] * len(names), "surname": names}, _SCHEMA)))
    return frozenset(keys["surname_key"].to_list()) | frozenset(keys["surname_key_alt"].drop_nulls().to_list())


_SCHEMA = {"particles": pl.String(), "surname": pl.String()}
