"""Surnames from elsewhere: Turkish, Moroccan, Surinamese, Polish, Antillean, Syrian and more.

Each origin has a list in order of how common the names are, and parts for the names further down.
"""

from __future__ import annotations

TURKISH = """
Yılmaz, Kaya, Demir, Şahin, Çelik, Yıldız, Yıldırım, Öztürk, Aydın, Özdemir, Arslan, Doğan, Kılıç, Aslan,
Çetin, Kara, Koç, Kurt, Özkan, Şimşek, Polat, Özcan, Korkmaz, Çakır, Erdoğan, Yavuz, Can, Acar, Şen, Aktaş,
Güneş, Yalçın, Güler, Bulut, Turan, Keskin, Avcı, Ünal, Gül, Işık, Ateş, Taş, Sarı, Tekin, Kaplan, Duman,
Köse, Bozkurt, Çiftçi, Aksoy, Uçar, Karaca, Coşkun, Güngör, Tunç, Uysal, Topal, Bayram, Ceylan, Erdem,
Gündoğdu, Karataş, Altun, Toprak, Akın, Uzun, Karakaya, Oruç, Yaman, Ekinci
"""
TURKISH_PARTS = (
    "Ak Al Alt Baş Bay Boz Çak Dal Del Er Gök Gün Hacı Ham Ibiş Kara Kaz Kel Koca Kör Kul Kuş Mol Öz Sar "
    "Ser Taş Tor Ulu Us Yıl",
    "oğlu demir kaya taş bulut er baş bey türk can doğan kan göz su şen gün soy dağ bal bay",
)

MOROCCAN = """
El Idrissi, Bouzid, El Amrani, Benali, El Haddad, Amrani, Bakkali, El Bakkali, Chaouch, El Khattabi,
Azzouzi, El Azzouzi, Boutaleb, Ben Ahmed, Ait Ben Haddou, Ouali, El Ouali, Haddouchi, Benhaddou, El
Mansouri, Tahiri, El Tahiri, Yahyaoui, El Yahyaoui, Bouali, Zerouali, El Fassi, Alaoui, Belhaj, Ben Said,
Aarab, Achahbar, Aznag, Bouchtaoui, Chaabi, Charrat, Daoudi, El Allali, El Boukhari, El Farissi, El
Hamdaoui, El Hamdoui, El Jaouhari, El Kaddouri, El Morabit, El Ouahabi, Essakali, Ezzahraoui, Fahmi,
Ghalbzouri, Hajji, Hammouch, Jabri, Kaddouri, Lahrach, Loukili, Maatoug, Mouhsine, Naciri, Ouaziz, Oulad
Ali, Rahmouni, Saidi, Salhi, Talbi, Touzani, Wahabi, Zaimi, Zaoui, M'Barek, N'Ait Bahmane
"""
MOROCCAN_PARTS = (
    "El| Ben| Bou Aït| Ouled| Bel Ait|",
    "ayadi hamid kasmi rachdi madani hassani moussa taleb driss larbi omar jilali kacem maimouni filali "
    "sbai zouhair lamrani arbi",
)

SURINAMESE = """
Ramdin, Bisessar, Jagroep, Kanhai, Soekhlal, Ramlal, Sewpersad, Mahabier, Ramautar, Sital, Jhinkoe, Gopal,
Biharie, Ramcharan, Baldewsingh, Bhagwandin, Autar, Kalpoe, Mangal, Oedairam, Pinas, Kensenhuis, Misidjan,
Landveld, Vrede, Blijd, Leeflang, Hoever, Nooitmeer, Goedschalk, Burleson, Esajas, Emanuels, Venetiaan,
Wijdenbosch, Blokland, Kromosoeto, Soemohardjo, Kartodikromo, Wongsodikromo, Moestadja, Tjon A Tsoi, Lo A
Njoe, Chin A Sen, Tjin A Djie, Lie A Fat, Wong Loi Sing, Sjem Fat, Abdoelrahman, Mohamed Hoesein, Amatredjo,
Karijosentono, Refos, Cairo, Zeefuik, Kerkhoven, Amafo, Deekman, Dompig, Sabajo
"""
SURINAMESE_PARTS = (
    "Ram Jag Bis Soek Har Mah Per Rag Bal Gan Kis Lach Nar Oem Par Sew Sar Tew Bhag Deo Kart Soem Wong Pawir Sas",
    "singh persad lal charan nath dew narain oe pal khan das rattan bali raj soeto dikromo redjo mohardjo "
    "sentono widjojo",
)

POLISH = """
Nowak, Kowalski, Wiśniewski, Wójcik, Kowalczyk, Kamiński, Lewandowski, Zieliński, Szymański, Woźniak,
Dąbrowski, Kozłowski, Jankowski, Mazur, Wojciechowski, Kwiatkowski, Krawczyk, Kaczmarek, Piotrowski,
Grabowski, Zając, Pawłowski, Michalski, Król, Wieczorek, Jabłoński, Wróbel, Nowakowski, Majewski, Olszewski,
Stępień, Malinowski, Jaworski, Adamczyk, Dudek, Nowicki, Pawlak, Górski, Witkowski, Walczak, Sikora, Baran,
Rutkowski, Michalak, Szewczyk, Ostrowski, Tomaszewski, Pietrzak, Zalewski, Wróblewski
"""
POLISH_PARTS = (
    "Bor Brzoz Czer Dob Głow Jasi Kal Klim Kras Kul Lis Łuk Mach Mier Ols Pio Rad Rog Sob Stan Tar Trzc "
    "Urb Wal Wil Zab Żur",
    "owski ewski iński ak czyk owicz iec czak kowski alski ecki asik",
)

ANTILLEAN = """
Martina, Maduro, Croes, Martis, Winklaar, Tromp, Rosalia, Koeiman, Cijntje, Isenia, Francisca, Geerman,
Kelly, Pieternella, Bernadina, Sambo, Scoop, Kirindongo, Felomina, Ursula, Zimmerman, Calmes, da Costa
Gomez, de Windt, Pourier, Jansen, Sluis, Hooi, Obispo, Thodé
"""
ANTILLEAN_PARTS = (
    "Mar Ros Ana Flo Isa Cat Ber Doro Elo Emer Fel Gus Hen Jose Leo Lu Mer Nico Pau Reg Rig Ruf Sil Theo Vic Wil",
    "ina ita elia ana encia aud isa andro iana ilia orina ardo ardina enia",
)

ARABIC_AND_AFRICAN = """
Al Ahmad, Al Hassan, Khalil, Ibrahim, Hussein, Mohammed, Ali, Hassan, Al Mohammad, Hamdan, Darwish, Haddad,
Khoury, Sulaiman, Al Jasem, Tesfay, Gebremedhin, Tekle, Haile, Berhane, Kidane, Ghebreab, Mehari, Abdi,
Warsame, Yusuf, Osman, Farah, Nur, Jama, Mensah, Owusu, Boateng, Asante, Osei, Appiah, Addo, Diallo, Barry,
Bah, Sesay, Kamara, Conteh, Ahmadi, Rahimi, Karimi, Hosseini, Mohammadi, Sharifi
"""
ARABIC_AND_AFRICAN_PARTS = (
    "Al| Abu| Abd Ghe Tes Meh Kah Sha Naz Had Raz Sal Tek Wol Ade Oke Nku Bal Kou Mba",
    "sayed hamid far zai mani nasser daud rane bre michael masie fay yohannes bayo chukwu dou rahman samad hadi",
)

EUROPEAN_AND_ASIAN = """
Popescu, Ionescu, Popa, Dumitru, Stoica, Ivanova, Petrov, Dimitrov, Georgieva, Kovács, Nagy, Szabó, Horváth,
Novák, Dvořák, Shevchenko, Kovalenko, Bondarenko, Schmidt, Schneider, Fischer, Wagner, Becker, García,
Fernández, Rodríguez, López, Martínez, Silva, Santos, Ferreira, Pereira, Rossi, Ferrari, Esposito, Nguyễn,
Trần, Phạm, Wang, Li, Zhang, Chen, Liu, Huang, Wong, Singh, Kumar, Sharma, Khan, Ahmed, Santoso, Pattinama,
Tahapary, Lilipaly, Sapulete, Matulessy, Latuheru, Tuhuteru, Manuhutu, O'Brien, Smith, Jones, Dubois,
Leclerc
"""
EUROPEAN_AND_ASIAN_PARTS = (
    "Stan Rad Mir Dob Pet Niko Alex Bog Vas Geor Mar Luc Pav Ant Fern Gonz Alv Lopes Tuna Pati Sahe Lea Man",
    "escu ov ova enko ić ez es ini elli sson mann lato pessy wael ru eanu chuk",
)
