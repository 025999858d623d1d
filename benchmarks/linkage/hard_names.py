"""Surnames of the hard set: those of the practice region and others that are not in its list.

Dutch names are put together from old roots and endings, some with a particle; names from abroad keep the letters
that systems drop. All of them are facts about names, of nobody in particular.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from pipeline.practice.names import DUTCH, name_book

ROOTS = """
Hout Veld Dam Water Steen Kerk Nieuw Oude Molen Bruin Zwart Linden Eiken Beuk Rozen Winter Zomer Harten
Kalver Schaap Vogel Visch Koren Haver Gerst Hage Heide Zand Klei Wal Burg Polder Kamp Esch Lang Kort Breed
Ruit Boog Pijl Hamer Spijker Zeil Anker Ketel Wolf Haas Leeuw Arend Valk Reiger Kraan Zwaan Gans Mus Spreeuw
Raaf Kraai
"""
ENDINGS = """
man mans huis huizen berg horst stra sma inga ink veld broek kamp voort dijk burg donk laar loo meijer maker
hof hoven kens sema steeg waard wijk zaal wold stein bosch eijk beek poort
"""
PARTICLES = ("", "", "", "", "", "", "van", "van der", "van de", "de", "van den", "ter")
SHORT = """
Bos Vos Mol Pol Kok Tol Los Bal Rot Kip Vet Aa Ee Ooms Ras Pot Smit Maas Bouw Bloemen Schilder Fraaij
"""
ABROAD = """
Yılmaz Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Doğan Kılıç Çetin Koç Özkan Şimşek Güneş Erdoğan
Türkmen Avcı Uçar Taş Karataş Güler Işık Yalçın Coşkun Ünal Çakır Gündoğdu Köse Güzel Yüksel Küçük Balcı
Dinç Gökçe İnce El·Khattabi El·Hamdaoui El·Mokhtari El·Ghazi Ben·Moussa Benyahia Aït·Taleb Ait·Oumghar
Boutaleb Bouchiba Belhadj Oulad·Haj Abarkan Achahbar Aghzaf Daoudi Ghalbzouri Jabri Kaddouri Lamrani Rachidi
Touzani Ziani M'Barek Afkir Wiśniewska Zielińska Szymańska Dąbrowski Kozłowska Piotrowski Grabowska Król
Wójcik Woźniak Zając Wróbel Stępień Doelwijt Kromodihardjo Wongsodikromo Karijodimedjo Wijngaarde Vriesde
Landveld Esajas Tjon-A-Fat Lo-A-Njoe Sewnarain Baldewsingh Ramautarsing Mahabier Bhagwandin Kalpoe Sardjoe
Soekhlal Khodabaks Ramkhelawan Tewarie Chen Wang Li Zhang Liu Lin Huang Zhou Wu Xu Sun Zhu Ma Hu Guo Lam
Cheung Wong Chan Ng Tsang Yip Kwok Liang Ye Pan Nguyen Tran Le Pham Vu Dang Bui Duong Mensah Owusu Boateng
Osei Agyeman Asante Appiah Antwi Ofori Acheampong Tesfay Gebremedhin Haile Kidane Berhane Woldemichael
Mehari Al-Khatib Haddad Khalil Warsame Farah Jama Rahimi García Rodríguez López Croes Geerman Évora Sánchez
Núñez Winklaar da·Silva dos·Santos Lopes·Tavares Müller Schröder Weiß Groß Krüger Schäfer Köhler Böhm Strauß
Bäcker Preuß
"""


@dataclass(frozen=True)
class Surnames:
    """Particle and core per name; from `own` on they are not the practice region's, from `abroad` on not Dutch."""

    particles: tuple[str, ...]
    cores: tuple[str, ...]
    is_dutch: np.ndarray
    own: int
    abroad: int


@cache
def surnames() -> Surnames:
    """Every surname of the hard set; a person holds a place in it."""
    book = name_book()
    composed = [root + ending for root, ending in product(ROOTS.split(), ENDINGS.split())]
    dutch = [(PARTICLES[place * 7 % len(PARTICLES)], name) for place, name in enumerate(composed)]
    dutch += [("", name) for name in SHORT.split()]
    abroad = [("", name.replace("·", " ")) for name in ABROAD.split()]
    practice = list(zip(book.surnames["particle"], book.surnames["core"], strict=True))
    particles, cores = zip(*practice, *dutch, *abroad, strict=True)
    begin, _, end = book.surname_spans[DUTCH]
    places = np.arange(len(cores))
    is_dutch = ((places >= begin) & (places < end)) | (
        (places >= len(practice)) & (places < len(practice) + len(dutch))
    )
    return Surnames(particles, cores, is_dutch, len(practice), len(practice) + len(dutch))
