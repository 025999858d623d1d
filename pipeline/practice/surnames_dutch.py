"""Dutch surnames: a list in order of how common they are, and parts from which the long tail is compounded.

Particles stand before the name in lower case. The list holds well-known names; weights are set elsewhere.
"""

from __future__ import annotations

COMMON = """
de Jong, Jansen, de Vries, van den Berg, van Dijk, Bakker, Janssen, Visser, Smit, Meijer, de Boer, Mulder,
de Groot, Bos, Vos, Peters, Hendriks, van Leeuwen, Dekker, Brouwer, de Wit, Dijkstra, Smits, de Graaf, van
der Meer, van der Linden, Kok, Jacobs, de Haan, Vermeulen, van den Heuvel, van der Veen, van den Broek, de
Bruijn, de Bruin, van der Heijden, Schouten, van Beek, Willems, van Vliet, van de Ven, Hoekstra, Maas,
Verhoeven, Koster, van Dam, van der Wal, Prins, Blom, Huisman, Peeters, Kuijpers, de Jonge, Kuiper, van
Veen, Post, Kuipers, Veenstra, Kramer, van den Brink, Scholten, van Wijk, Postma, Martens, Vink, de Ruiter,
Timmermans, Groen, Gerritsen, Jonker, van Loon, Boer, van der Velde, Willemsen, Smeets, de Lange, de Vos,
van Dongen, Schipper, de Koning, van der Laan, Driessen, van Doorn, Hermans, Evers, van den Bosch, van der
Meulen, Hofman, Bosman, Wolters, Sanders, van der Horst, Mol, Kuijper, Molenaar, van de Pol, Martin, van der
Berg, Bosch, van Rijn, Vermeer, Koning, Gerrits, Verbeek, van Es, Roos, van Dijck, Boersma, Groot, van
Leeuwen, van der Ploeg, van der Steen, Zwart, van de Velde, Hoogendoorn, Jager, de Leeuw, Claassen, Bouma,
Aarts, Snijders, Kroon, Verweij, Verhagen, van der Kolk, Veldman, Schouwenaar, Wiersma, Terpstra, van der
Zee, Kool, Stam, Haan, Kok, Zijlstra, Admiraal, de Kok, van Vugt, Heijnen, van der Sluis, de Rooij, Brands,
Franken, de Backer, Langeveld, Rietveld, Otten, Bosma, van den Hoek, Pietersen, van Zanten, Goossens,
Hoekema, Swart, Versteeg, Nijland, Versluis, van Ommen, Kamphuis, Tuinstra, van der Vegt, van 't Hof, 't
Hart, in 't Veld, van 't Hoff, ter Horst, ter Haar, ten Brink, ten Have, ter Braak, ten Cate, van het Hof,
op den Kamp, uit den Boogaard, aan de Wiel, op 't Hoog, bij de Vaate, in den Bosch, van de Laar, van de
Wiel, van de Kamp, van den Akker, van den Hurk, van den Eijnden, van der Heide, van der Schaaf, van der
Molen, van der Woude, van der Hoek, van der Wiel, van der Maas, von Reth, le Clercq, la Croix, du Pré,
d'Hondt, l'Ami, de l'Isle, Brouwers, Bruins, Sijbrandij, Wijnen, Nijhuis, Rijnders, Buijs, Thijssen,
Matthijssen, Thijs, Sijtsma, Dijksterhuis, Kooijman, Schaap, Haas, Vogel, Valk, Haverkamp, Wessels, Wolff,
Lammers, Lamers, Alberts, Albers, Bartels, Berends, Berendsen, Cornelissen, Cornelisse, Christiaans,
Daniels, Dirksen, Derksen, Diederiks, Engels, Everts, Frederiks, Geerts, Geurts, Gijsbers, Harmsen, Hermsen,
Huijbers, Huijbregts, Jochems, Joosten, Klaassen, Klaasen, Leenders, Lucassen, Michielsen, Nelissen,
Paulissen, Philipsen, Reijnders, Roelofs, Roelofsen, Rutten, Rutgers, Steffens, Stevens, Teunissen,
Theunissen, Tiemessen, Verstappen, Wouters, Zegers, Koopman, Koopmans, Slager, Slagter, Smid, Smidt, Smedes,
Timmer, Timmerman, Wever, Weber, Schoenmaker, Schoenmakers, Metselaar, Ketelaar, Pannekoek, Kaas,
Boterenbrood, Naaktgeboren, Zondervan, Zonderland, Suurmond, Goedhart, Goedkoop, Langedijk, Kortekaas,
Korteweg, Groeneveld, Groenewegen, Blauw, Bruin, Rood, Roodenburg, Winter, Zomer, Lente, Donders, Dubbeldam,
Duijvestijn, Hoogland, Hoogeveen, Laagland, Noordhoek, Noordermeer, Oosterhuis, Oosterveld, Westerveld,
Westerhof, Zuidema, Zuiderveld, Faber, Wagenaar, Wagemans, Voogd, Vroom, Geluk, Vrolijk, Keizer, Bisschop,
Abels, Beekhuis, Brinkman, Borgman, Bloemendaal, Citroen, Daalder, Eikelboom, Elzinga, Feenstra, Fokkema,
Hiemstra, Hylkema, Iedema, Jellema, Kooistra, Kingma, Nauta, Osinga, Poelstra, Reitsma, Rienstra, Sikkema,
Tolsma, Wijbenga, Ypma, IJpelaar, IJzerman, IJsselstein, Zandstra, Zeilstra, Daniëls, Knoët, Coenders, Loeë,
Noë, Reuël, Beljé, Böhmer, Müller, Krämer, Schröder, Köhler, René, Gérard, Crêpin, Rosé
"""

STEMS = """
Abbe Achter Acker Adel Ader Alder Ambachts Appel Baan Balk Beek Beer Berk Beuken Bever Binnen Blaak Blan
Bleek Bloem Boek Bol Bonen Boom Borg Bovel Braam Breden Brem Broek Bronk Brug Buiten Bunder Buur Dal Dam
Dijk Distel Dobbel Dol Donk Doorn Dorp Draai Drie Duin Duive Dwars Eek Eggen Eiken Eind Elfer Elze Enge Es
Esch Eve Fazant Gaar Ganze Geer Gelder Gras Gries Groen Haag Haar Hage Hamel Haver Hazel Heem Heer Heide
Hemel Herten Hoek Hoender Hof Holt Hommel Honde Hooi Horst Houte Hulst Iepen Jacht Kaal Kalk Kamper Kapel
Karre Kattel Keulen Kiviten Klaver Klei Klomp Knip Koe Kol Konijn Koren Korte Kraai Kreek Krom Kruis Kwakkel
Laar Lammer Lange Leem Leeuwe Lepel Linde Lis Loo Lucht Maal Maan Made Marke Meer Meid Melk Merel Midden
Mier Moer Mole Moor Mos Muis Naalde Nacht Nagel Nieuwe Noorder Note Oever Olden Ooster Ooie Os Otter Oude
Over Paal Paarde Pand Peper Peter Plas Ploeg Poel Polder Pop Raaf Rader Reiger Rey Riet Rijk Ring Roe Rogge
Rooden Roos Rozen Ruige Rustel Schaap Schel Schim Schoon Schut Sikkel Slang Sloten Smal Sneeuw Spaar Specht
Spier Spijker Spoel Staal Steen Sterre Stock Stoel Stolk Stroo Tarwe Teer Tenke Tichel Toren Traan Tulp Turf
Twist Uilen Vaar Valken Varen Veen Vege Veld Venne Vier Vinke Vlas Vlier Voge Voor Vossen Vree Waal Wacht
Wagen Wal Warmen Water Weide Wester Wie Wijde Wilde Wilgen Winkel Wissel Witte Wolven Wulp Zaal Zand Zee
Zeven Zilver Zonne Zout Zuider Zwaan Zwane Zwarte
"""

ENDINGS = """
aard akker baan bak bakker beek been berg bergen berghe biezen boer boom borg bos bosch bout brand brink
broek brug bruggen burg camp daal dal dam dijk donk doorn dorp drift duin eind es feld gaarde gans gat gers
geest graaf graver haar hage halm ham have heem heide heijden heuvel hoed hoef hoek hof horst hout hove huis
huizen huijs inga inga ink kamp kate ker kerk kes klooster koop kroon kuil laan laar laken land lander lant
leger linde loo looper maker man mans mark meer meester meijer meulen mond muller mulder nis oord ooij pas
plas poel pol poort put raad rade reus rijk rijn rode rooij ruiter schot sema sen singel sla slag sloot sma
smit span spoor stein stee steeg sterk stra straat stroom sum teler tier toren tuin vaart val veen veer veld
velde ven vis vliet voort waard wal water weerd weg weide werf werff wijk wijn wiel zang zicht zijl zoon
"""

TAIL_PARTICLES = (
    ("", 620),
    ("van", 110),
    ("van der", 75),
    ("van den", 65),
    ("van de", 50),
    ("de", 25),
    ("ter", 14),
    ("ten", 12),
    ("van 't", 8),
    ("in 't", 5),
    ("op de", 4),
    ("te", 4),
    ("von", 4),
    ("uit de", 2),
    ("op den", 2),
)

FARM_PREFIXES = ("Groot", "Klein", "Oude", "Nieuwe", "Groote", "Lutje", "Olde", "Wilde")
