"""Every way in which input can be refused: one stable code, its meaning, the next step for whoever must mend it.

A fault names a code, a column and a row; it never holds a value from somebody's row, so it may be logged,
stored and sent back. Next steps are Dutch (B1), because partners and data stewards read them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the fault table."""

    code: str
    meaning: str
    next_step: str


@dataclass(frozen=True, slots=True, order=True)
class RowFault:
    """A refused row. `row` counts from 1 and leaves the header out; None means the whole input."""

    code: str
    column: str | None = None
    row: int | None = None

    def as_dict(self) -> dict[str, str | int | None]:
        """The form that receipts, the ledger and `--json` use."""
        return asdict(self)


@dataclass(frozen=True, slots=True, order=True)
class DeliveryFault(RowFault):
    """A refusal among those of more deliveries: a delivery's own, or of a row in it."""

    delivery: str = ""


@dataclass(frozen=True, slots=True, order=True)
class KeyFault(RowFault):
    """A refusal of `count` contacts for one key, which `column` names."""

    count: int = 1


class Refused(Exception):  # noqa: N818 - a refusal is a normal outcome, not an error
    """Expected refusal of an input. Shown to the user without a traceback; carries no value from the input."""

    def __init__(self, code: str, column: str | None = None, row: int | None = None, *, hint: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.row = row
        self.hint = hint

    @property
    def fault(self) -> Fault:
        """The table row of this code."""
        return FAULTS[self.code]

    @property
    def next_step(self) -> str:
        """What to do now, in Dutch. `hint` adds a file name, key id or option, never a person's value."""
        return f"{self.fault.next_step} {self.hint}".strip()

    def as_row_fault(self) -> RowFault:
        """The same refusal without the table's text."""
        return RowFault(self.code, self.column, self.row)


class OwnKeyRefused(Refused):
    """That a key file of the municipality itself holds another secret: nobody who delivered is to blame."""

    def __init__(self, key_id: str) -> None:
        super().__init__("KEY_WRONG", key_id, hint=f"({key_id})")


# One row of the table per line.
# fmt: off
_ROWS: tuple[tuple[str, str, str], ...] = (
    # agreement, directory, keys
    ("AGREEMENT_MISSING", "no agreement.json where one is needed", "Zet agreement.json in deze map, of wijs de juiste map aan."),
    ("AGREEMENT_INVALID", "the agreement is not readable or breaks its schema", "Vraag de gemeente om een nieuwe, ondertekende overeenkomst."),
    ("NOT_AN_AGREEMENT", "the file is of another kind than an agreement", "Dit bestand is geen overeenkomst. Geef bij --agreement het bestand agreement.json van de gemeente, met directory.json ernaast."),
    ("AGREEMENT_SIGNATURE", "the municipality's signature under the agreement does not hold", "Gebruik dit bestand niet. Vraag de gemeente om de ondertekende overeenkomst en vergelijk de vingerafdruk."),
    ("AGREEMENT_CHANGED", "a version of the agreement is not what the opener saw first under that number, or is gone", "De opener toont niemand tot dit is opgehelderd. Waarschuw de privacyfunctionaris en zet de overeenkomst terug zoals zij was. Andere afspraken zijn een nieuwe versie: samenloop agreement renew."),
    ("AGREEMENT_EXPIRED", "no agreement version is valid for the month", "Vraag de gemeente om een overeenkomst die voor deze maand geldt."),
    ("AGREEMENT_UNKNOWN", "the delivery names an agreement or version that this municipality does not have", "Lever opnieuw aan met de overeenkomst die nu geldt."),
    ("AGREEMENT_LANE_MISSING", "the agreement does not choose what happens to crisis signals", "Kies bij het maken van de overeenkomst: crisis 'count' of 'reveal'."),
    ("AGREEMENT_ENDS_SOON", "the newest agreement version ends within 30 days", "Verleng de overeenkomst. Zie: samenloop agreement renew --help."),
    ("ONE_PARTNER_NOT_CHOSEN", "with one partner nothing is matched: everybody whom a single organisation reports is opened", "Kies --min-partners 2 of hoger. Hebt u dit echt zo afgesproken? Zet dan --one-partner-is-enough erbij."),
    ("PARTNER_LIST_INVALID", "the list of partners for an agreement is not readable or breaks its form", "Maak de lijst als csv met de kolommen partner_id;partner_type;name."),
    ("DIRECTORY_MISSING", "no directory.json beside the agreement", "Zet directory.json naast agreement.json."),
    ("DIRECTORY_INVALID", "the key directory is not readable or breaks its schema", "Vraag de gemeente om een nieuwe sleutellijst (directory.json)."),
    ("DIRECTORY_SIGNATURE", "the municipality's signature under the key directory does not hold", "Gebruik dit bestand niet. Vraag de gemeente om de ondertekende sleutellijst en vergelijk de vingerafdruk."),
    ("ANALYTICS_MISSING", "there is no analytics.duckdb yet", "Maak eerst de cijfers. Zie: samenloop publish --help."),
    ("PERIOD_UNKNOWN", "nothing is known of this period", "Van deze periode is niets bekend, dus er is geen pagina gemaakt. Kies een andere periode."),
    ("PERIOD_NOT_ENDED", "the period has not ended yet", "Wacht tot de periode voorbij is, of vraag met --provisional om een voorlopige levering van een periode die al begon."),
    ("DDAS_VERSION_UNKNOWN", "this version of the exchange model is not known", "Kies een versie die er is, of voeg een map toe aan schemas/ddas."),
    ("DDAS_SETTINGS_MISSING", "there is no ddas.json in the home", "Zet ddas.json in de map van de gemeente, naar het voorbeeld schemas/ddas/settings.example.json."),
    ("DDAS_SETTINGS_INVALID", "ddas.json breaks its schema", "Herstel ddas.json naar het voorbeeld schemas/ddas/settings.example.json."),
    ("MONITOR_INVALID", "monitor.json breaks its schema or contradicts itself", "Herstel het veld in monitor.json naar het voorbeeld in schemas/monitor, of haal het weg."),
    ("THEME_INVALID", "theme.css holds something else than design tokens; the page keeps its own look", "Laat in theme.css alleen regels staan als --samenloop-brand: #14466f; binnen :root { }. Adressen (url), @-regels en andere regels mogen niet."),
    ("TEAMS_INVALID", "teams.json is missing or breaks its schema", "Herstel teams.json: elk wijkteam heeft een team_id, een naam en wijken."),
    ("KEY_MISSING", "a key that is needed is not there", "Haal de ontbrekende sleutel op bij wie hem beheert."),
    ("KEY_INVALID", "a key file is not readable or of another kind", "Controleer of u het juiste sleutelbestand gebruikt."),
    ("KEY_EXPIRED", "the key is not valid on this date or was revoked", "Gebruik de sleutel die nu geldt. Zie: samenloop keys show."),
    ("KEY_WRONG", "the key does not belong to this partner, month or municipality", "Controleer of u de sleutels van deze organisatie, maand en gemeente gebruikt. Is er een sleutelbestand verwisseld? Zet dan de goede sleutel terug uit de kluis."),
    ("TOKEN_KEY_MISSING", "the key holder has not issued a token key for this month", "Vraag de sleutelhouder om de maandsleutel voor deze maand en gemeente."),
    ("SEAL_BROKEN", "a sealed value does not open with this key in this place", "Het verzegelde bestand is veranderd of hoort bij een andere sleutel. Lever opnieuw aan."),
    ("FINGERPRINT_INVALID", "a fingerprint is not eight groups of four characters", "Typ de vingerafdruk over: acht groepen van vier tekens (0-9, a-f)."),
    ("PUBLIC_PART_INVALID", "a partner's public part is not readable or not signed by that partner", "Vraag de partner om het openbare deel opnieuw te sturen."),
    ("KEY_CHANGE_UNPROVEN", "a new key is not vouched for by the holder's former key", "Bel de partner en vergelijk de vingerafdruk. Klopt die? Voer de opdracht dan uit met --compared."),
    ("KEY_ISSUE_INVALID", "the key holder's issue is not readable, not signed by the key holder, or for another partner", "Gebruik dit bestand niet. Vraag de sleutelhouder om de maandsleutels opnieuw te sturen."),
    ("MONTH_KEYS_MISSING", "the municipality has no store or opening key for a month that comes", "Maak de sleutels van deze maand: samenloop keys municipality. Stuur daarna directory.json aan de partners."),
    ("TOKEN_KEY_NOT_ISSUED", "a partner does not have the newest token key of a month", "Geef de maandsleutel uit: samenloop keys holder issue."),
    ("KEY_MODE", "others than the owner can read a key file", "Zet de rechten goed: chmod 600 <bestand>."),
    ("KEY_ENDS_SOON", "the term of a key ends within 30 days", "Vernieuw de sleutel op tijd. Zie: samenloop keys rotate --help."),
    ("KEY_UNLISTED", "a key file and the key directory do not agree", "Zet de sleutel in de sleutellijst. Zie: samenloop keys directory --help."),
    ("PARTNER_WITHOUT_KEYS", "a partner in the agreement has no signing or box key in the directory", "Vraag de partner om het openbare deel en voeg het toe. Zie: samenloop keys directory add --help."),
    ("FINGERPRINT_MISMATCH", "the municipal key is not the one that was agreed on", "Stop. Bel de gemeente en vergelijk de vingerafdruk."),
    ("JOURNAL_FINGERPRINT_MISMATCH", "no journal key of this home has the fingerprint that was given", "Is de vingerafdruk goed overgetypt van het papier van de sleutelceremonie, en is het die van een zegelsleutel (journal)? Vertrouw het journaal dan niet, en waarschuw de privacyfunctionaris."),
    # whole deliveries
    ("ODD_NAME", "something in the inbox does not have the name of a delivery", "Een aanlevering is een map met de naam <partner>_<maand>_<volgnummer>. Lever opnieuw aan met het programma."),
    ("NOT_A_FOLDER", "a file, archive or link lies where a delivery folder belongs", "Lever een map aan, geen zip, koppeling of los bestand."),
    ("UNEXPECTED_FILE", "the delivery holds other files than the three it should", "Lever alleen signals.sealed, manifest.json en manifest.sig aan."),
    ("MANIFEST_INVALID", "the manifest is not readable or breaks its schema", "Maak de aanlevering opnieuw met het programma."),
    ("SIGNATURE_MISSING", "there is no signature under the manifest", "Maak de aanlevering opnieuw met het programma."),
    ("SIGNATURE_WRONG", "the signature under the manifest does not hold", "De aanlevering is veranderd of met een andere sleutel ondertekend. Maak haar opnieuw en lever opnieuw aan."),
    ("PARTNER_UNKNOWN", "the partner is not in the agreement or the directory", "Neem contact op met de gegevensbeheerder: deze organisatie staat niet in de overeenkomst."),
    ("OTHER_MUNICIPALITY", "the delivery is for another municipality", "Lever aan bij de gemeente die in de overeenkomst staat."),
    ("WRONG_MONTH", "the month lies in the future or too far back", "Lever aan voor deze maand of een maand die de overeenkomst nog toelaat."),
    ("SEQUENCE_REPLAYED", "this sequence number came before with other content", "Gebruik een nieuw volgnummer en lever opnieuw aan."),
    ("CHECKSUM_ERROR", "the checksum of the data file differs from the manifest", "Het bestand is onderweg veranderd. Lever het opnieuw aan."),
    ("INCORRECT_FILE_SIZE", "the size of the data file differs from the manifest", "Het bestand is niet volledig aangekomen. Lever het opnieuw aan."),
    ("INSTALLATION_INCOMPLETE", "the program was installed without files that a municipality needs", "Installeer vanuit de broncode of met de image. Een los pakket (wheel) is alleen voor signaalpartners."),
    ("FILE_MISSING", "the data file is not in the delivery", "Lever de hele map opnieuw aan."),
    ("TOO_LARGE", "the delivery holds more than the municipality accepts", "Splits de levering of neem contact op met de gegevensbeheerder."),
    ("UNREADABLE_DATA", "the data could not be read safely", "Maak de aanlevering opnieuw met de nieuwste versie van het programma."),
    ("SCHEMA_MISMATCH", "columns or types differ from the contract", "Maak de aanlevering opnieuw met de nieuwste versie van het programma."),
    ("ROW_COUNT_MISMATCH", "the number of rows differs from the manifest", "Maak de aanlevering opnieuw en lever opnieuw aan."),
    ("NO_ROWS_LEFT", "not one row of the delivery keeps to the contract", "Verbeter de rijen die in het ontvangstbericht staan en lever opnieuw aan."),
    ("RECIPE_UNKNOWN", "the delivery was made with another token recipe", "Installeer de versie van het programma die de gemeente gebruikt en lever opnieuw aan."),
    ("NO_ATTESTATION", "the partner did not state that social collection came first", "Bevestig dat aan de eisen van sociaal incasseren is voldaan en lever opnieuw aan."),
    ("HELD_FOR_STEWARD", "the delivery differs much from earlier months and waits for the data steward", "De gegevensbeheerder bekijkt de levering. U hoeft nu niets te doen."),
    ("REFUSED_BY_STEWARD", "the data steward refused the held delivery", "Neem contact op met de gegevensbeheerder en lever daarna opnieuw aan."),
    # rows of a delivery
    ("VALUE_MISSING", "a required value is empty", "Vul de ontbrekende waarde in."),
    ("VALUE_INVALID", "a value does not have the form that the contract asks for", "Verbeter de waarde volgens het formaat."),
    ("OUT_OF_RANGE", "a number is lower or higher than the contract allows", "Verbeter het getal."),
    ("DUPLICATE_ROW", "the same signal stands in the delivery more than once", "Lever elke klant één keer aan."),
    # the partner's export
    ("EXPORT_UNREADABLE", "the export cannot be read as csv or xlsx", "Sla het bestand op als csv (UTF-8, puntkomma) of als xlsx en probeer het opnieuw."),
    ("NO_SIGNALS_LEFT", "not one row of the export can go along", "Verbeter de rijen in de lijst met weigeringen en probeer het opnieuw."),
    ("LIST_MUCH_SHORTER", "a regular list has fewer than half the clients of the one that it replaces; it is sealed all the same", "Een gewone lijst vervangt alle eerdere meldingen van de maand. Wilde u alleen een paar rijen verbeteren? Stuur deze map dan niet op, en verzegel opnieuw met --kind correction, met alle rijen van elke klant die u verbetert."),
    ("EXPORT_EMPTY", "the export has no rows", "Controleer of u het juiste bestand koos. Hebt u deze maand niets te melden? Verzegel dan met --nothing-to-report."),
    ("EXPORT_NOT_EMPTY", "the export has rows, but nothing would be reported", "Laat --nothing-to-report weg, of kies het bestand zonder rijen."),
    ("COLUMN_MISSING", "a required column is missing", "Voeg de kolom toe, of wijs haar aan in mapping.toml."),
    ("OBJECTION_UNCLEAR", "the header of a column seems to be about objections, and no column is called bezwaar", "Deze kolom lijkt te gaan over bezwaar. Wijs haar aan in mapping.toml, of noem de kolom bezwaar. Zo gaat niemand mee die bezwaar maakte."),
    ("OBJECTION_OF_NOBODY", "a row says or may say that somebody objected, and its client number is missing or rounded", "Iemand maakte misschien bezwaar, en zonder goed klantnummer weten wij niet wie. Daarom gaat niemand mee. Vul het klantnummer in (splits samengevoegde cellen), of haal de rij weg als zij over geen klant gaat."),
    ("COLUMN_DUPLICATE", "a column stands in the header more than once", "Geef elke kolom een eigen naam."),
    ("MAPPING_INVALID", "the mapping file is not readable or names what does not exist", "Verbeter mapping.toml. Een voorbeeld staat onder aan: samenloop partner check --help."),
    ("BSN_FOUND", "a column holds citizen service numbers", "Verwijder het burgerservicenummer uit het bestand. Het mag niet worden aangeleverd."),
    ("ROW_RAGGED", "the row has more or fewer fields than the header", "Controleer scheidingstekens en aanhalingstekens in deze rij."),
    ("ROW_IS_HEADER", "a header row stands between the data", "Verwijder de extra kopregel."),
    ("ROW_IS_TOTAL", "the row holds totals and no client", "Dit leest als een totaalregel, niet als een klant. Haal haar weg."),
    ("ROW_REPEATED", "the row is an exact copy of an earlier row", "Verwijder de dubbele rij. Alleen de eerste is beoordeeld. Staat die ook bij de weigeringen? Verbeter haar dan."),
    ("NUL_BYTE", "the row holds a NUL byte", "Sla het bestand opnieuw op vanuit het bronsysteem."),
    ("LEGAL_PERSON", "the name is that of a firm or a body; the row is not refused and stays at the partner", "Deze naam leest als een bedrijf of instelling. De rij blijft bij u. Gaat het om een bewoner, bijvoorbeeld onder bewind? Zet dan de naam van de bewoner in achternaam."),
    ("CLIENT_IN_PART", "another row of the client is refused or stays; this row is not refused and goes along", "Van deze klant gaat niet elke rij mee: een andere rij is geweigerd of blijft bij u. Verbetert u die met --kind correction? Zet dan alle rijen van deze klant erin, ook deze. Een correctie vervangt de hele melding van de klant."),
    ("TEXT_TOO_LONG", "a text is longer than allowed", "Kort de tekst in."),
    ("DATE_INVALID", "a date is not readable, or there is no such day", "Controleer of deze dag bestaat: 30-02-1980 en 29-02-1981 bestaan niet. Bestaat hij? Schrijf hem als 31-05-1980. Staat er een getal zoals 44321? Zet de kolom in uw rekenblad op datum. Is de datum niet verplicht en niet bekend? Laat het vak dan leeg."),
    ("DATE_IN_FUTURE", "a date lies after the month of the delivery", "Controleer de datum: hij ligt na de maand van de aanlevering. Is hij niet bekend? Laat hem dan leeg."),
    ("BIRTH_YEAR_UNCLEAR", "a birth year of two digits may be of two centuries; the row is not refused and goes along without it", "Schrijf het geboortejaar met vier cijfers. De rij gaat nu mee zonder geboortedatum."),
    ("AMOUNT_INVALID", "an amount is not readable, negative or perhaps two amounts", "Schrijf het bedrag als 1234,50, zonder min. Zet één bedrag in een vak. Een tegoed hoort niet in deze lijst."),
    ("MONTHS_INVALID", "the months of arrears are not a whole number from 0", "Schrijf het aantal maanden als een heel getal, 0 of hoger. Een kwartaal is 3."),
    ("POSTCODE_INVALID", "the postcode does not exist in this form", "Schrijf de postcode als 1234 AB."),
    ("HOUSE_NUMBER_INVALID", "the house number is not readable", "Schrijf het huisnummer als getal; letter en toevoeging mogen erachter. Staat er een datum (12-feb)? Zet de kolom in uw rekenblad op tekst."),
    ("YES_NO_INVALID", "a yes/no value is neither", "Schrijf ja of nee."),
    ("CRISIS_KIND_INVALID", "the kind of crisis signal is not known", "Kies eindelevering, afsluiting of ontruiming. Is er geen crisis? Laat het vak leeg."),
    ("AREAS_INVALID", "the area table lacks its columns", "Gebruik de CBS-tabel met PC6, Huisnummer, Buurt, Wijk en Gemeente."),
    # follow-up that a team returns
    ("FOLLOW_UP_NOT_A_FILE", "something in the inbox for follow-up is not a plain file", "Lever de werklijst in als los bestand (.xlsx), geen koppeling. Een map mag, als zij de naam van een team heeft (team_id in teams.json)."),
    ("FOLLOW_UP_KIND", "a returned file is neither xlsx, csv nor JSON lines", "Bewaar de werklijst als .xlsx en lever haar opnieuw in."),
    ("FOLLOW_UP_TOO_LARGE", "a returned file is larger than a worklist can be", "Lever alleen de werklijst van één dag in, zonder plaatjes of extra bladen."),
    ("FOLLOW_UP_UNREADABLE", "a returned file cannot be read", "Open het bestand, bewaar het opnieuw als .xlsx en lever het opnieuw in."),
    ("FOLLOW_UP_EMPTY", "a returned sheet holds nothing at all", "Het bestand is leeg. Vul de werklijst in en lever haar opnieuw in."),
    ("FOLLOW_UP_MACRO", "a returned sheet holds a macro", "Bewaar de werklijst als gewone werkmap (.xlsx, zonder macro's) en lever haar opnieuw in."),
    ("REFUSED_FILE_UNKNOWN", "no returned file lies in quarantine under this name", "Deze map ligt niet in quarantaine, of haar bewaartermijn is voorbij. Neem de naam over uit de map quarantine; zij begint met follow_up-."),
    ("SHEET_UNKNOWN", "a returned sheet lacks the columns of a worklist", "Gebruik de werklijst van Samenloop. Haal geen kolommen weg."),
    ("SHEET_TWICE", "a second tab of a returned sheet is a worklist too, and says something else", "Het bestand heeft twee tabbladen met een werklijst, en op beide is iets ingevuld. Zet alles op het tabblad Werklijst, verwijder het andere tabblad en lever het bestand opnieuw in."),
    ("SHEET_HEADING_TWICE", "a heading of a returned sheet stands twice", "Een kop van de werklijst staat twee keer op het blad. Zet alles in de kolom die er al stond, verwijder de extra kolom en lever het bestand opnieuw in."),
    ("LINE_INVALID", "a line is not one JSON object with the fields of the follow-up format", "Laat de leverancier van uw systeem deze regel herstellen. Zie schemas/follow_up."),
    ("CASE_UNKNOWN", "there is no case with this number", "Dit zaaknummer bestaat niet, of de zaak is na haar bewaartermijn verwijderd. Verander het nummer niet; vul de zaak in op de nieuwste werklijst waar zij op staat."),
    ("RESULT_REPLACED", "the case had another end result, which this one replaces", "Deze zaak had al een ander resultaat. Het uwe geldt nu: het heeft een latere datum, of kwam later binnen. Overleg met uw collega als dat niet klopt."),
    ("RESULT_OVERRULED", "the case has another end result of a later day, which stands", "Deze zaak heeft al een ander resultaat met een latere datum. Dat blijft staan; uw pogingen tellen wel mee. Klopt het niet? Overleg met uw collega en lever de rij opnieuw in met de datum van vandaag."),
    ("RESULT_AFTER_REOPENING", "the case was opened again after this end result, which therefore does not stand", "Deze zaak is weer geopend. Dit resultaat telt niet. Vul het resultaat in op de nieuwste werklijst waar de zaak op staat."),
    ("CONSENT_LEFT_ASIDE", "a newer sheet said otherwise of consent than this one", "Uw antwoord over toestemming is niet overgenomen: een nieuwere lijst zegt iets anders. Klopt uw antwoord? Vul het in op de nieuwste werklijst, of lever het resultaat in met de datum van vandaag."),
    ("UNSAFE_LEFT_ASIDE", "only a newer sheet takes the mark unsafe away", "De waarschuwing Onveilig blijft staan: een lijst van deze dag of later zegt dat een bezoek niet veilig is. Klopt uw Nee? Vul Nee in op de volgende werklijst."),
    ("APPOINTMENT_REPLACED", "the same sheet had another next appointment, which this one replaces", "Op deze lijst stond al een andere volgende afspraak. De uwe geldt nu, want zij kwam later binnen. Overleg met uw collega als dat niet klopt."),
    ("APPOINTMENT_LEFT_ASIDE", "a newer sheet has another next appointment than this one", "Uw volgende afspraak is niet overgenomen: een nieuwere lijst heeft een andere afspraak. Klopt de uwe? Vul haar in op de nieuwste werklijst."),
    ("CASE_STOPPED", "the municipality stopped the case, so attempts count and nothing else", "De gemeente heeft deze zaak gestopt. Ga niet meer langs. Uw poging is bewaard; een resultaat of afspraak is niet meer nodig."),
    ("SHEET_ROW_CHANGED", "a protected cell of the row was changed, so it may be about another case", "In deze rij is een beveiligde cel veranderd of zijn rijen door elkaar geraakt. Open de werklijst van die dag opnieuw, vul deze rij daar in en lever haar in."),
    ("CASE_NOT_SHOWN", "the case was not on a worklist in this form", "Deze zaak staat bij ons nog niet (zo) op een werklijst. Lever deze lijst opnieuw in als de volgende werklijst er is, of vul de zaak daar in."),
    ("CASE_TWICE", "an attempt with this number belongs to another case", "Geef elke contactpoging een eigen nummer."),
    ("ATTEMPT_UNKNOWN", "the attempt that is to be withdrawn is not known", "Deze poging kennen wij niet, dus er valt niets in te trekken. Neem soort contact, datum en dagdeel precies over zoals ze eerder zijn ingevuld."),
    ("ATTEMPT_WITHDRAWN", "the attempt was withdrawn as a mistake, and stays so", "Deze poging is eerder ingetrokken als vergissing en telt niet. Klopt zij toch? Vul haar in op de nieuwste werklijst."),
    ("ATTEMPT_TWICE", "another attempt of this day differs only in having a part of the day, or none", "Van deze dag stond al een zelfde poging, de ene met dagdeel en de andere zonder. Zij tellen nu als twee. Was het er één? Kies bij de poging zonder dagdeel Vergissing."),
    ("ATTEMPT_OVERRULED", "a newer sheet says otherwise of this attempt, and that stands", "Een nieuwere lijst zegt iets anders over deze poging. Dat geldt. Klopt dat niet? Vul het in op de nieuwste werklijst."),
    ("CHOICE_UNKNOWN", "a value is not one of the choices", "Kies een van de mogelijkheden uit het lijstje in de cel. Levert u regels uit een eigen systeem? Dan staan zij in schemas/follow_up."),
    ("FORMULA_FOUND", "a cell that is filled in holds a formula", "Typ de waarde zelf in, geen formule."),
    ("DATE_AHEAD", "a contact or result lies after today", "Vul de datum in waarop het is gebeurd. Een afspraak hoort in de kolom voor de volgende afspraak."),
    ("DATE_BEFORE_CASE", "a date lies before the first worklist that the case was on", "Deze datum ligt vóór de dag waarop de zaak voor het eerst op de werklijst stond. Controleer de datum, vooral de maand en het jaar."),
    ("APPOINTMENT_TOO_FAR", "a next appointment lies more than ninety days ahead", "Controleer de datum van de volgende afspraak, vooral het jaar. Zij mag hoogstens 90 dagen vooruit liggen."),
    ("APPOINTMENT_BEFORE_CONTACT", "a next appointment lies before the contact or the worklist that it follows", "Vul een volgende afspraak in die na het contact en na de dag van de werklijst ligt, of maak de cel leeg."),
    ("RESULT_MISSING", "a date of a result stands without a result", "Kies ook het resultaat, of maak de datum leeg."),
    # feedback
    ("FEEDBACK_MISSING", "there is no feedback in this folder", "In deze map ligt geen terugkoppeling. Wijs de map aan die u van de gemeente kreeg, geen los bestand."),
    ("FEEDBACK_INVALID", "the feedback is not complete, not readable or for another partner", "Haal de terugkoppeling opnieuw op bij de gemeente."),
    ("FEEDBACK_NOT_PLACED", "feedback is about clients who are in none of the exports that were given", "Gebruik de export van de maand waarover de terugkoppeling gaat. U mag --export meer keren geven."),
    ("FEEDBACK_UNSIGNED", "the feedback was not signed by the municipality that was agreed on", "Gebruik dit bestand niet. Bel de gemeente en vergelijk de vingerafdruk."),
    # retention
    ("RETENTION_ENDED", "the term of a held delivery ended before the data steward decided", "De bewaartermijn is voorbij. Neem contact op met de gegevensbeheerder."),
    # journal
    ("JOURNAL_CHANGED", "a line of the journal is not what was written", "Behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_DROPPED", "a line of the journal is gone", "Behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_SWAPPED", "a line of the journal stands in the place of another", "Behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_TRUNCATED", "the journal ends before a line that was sealed or exported", "Is er een reservekopie teruggezet? Dan staat dat in het journaal. Zo niet: behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_REWRITTEN", "the journal differs from a seal or an exported head", "Behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_SEAL_BROKEN", "the signature of a seal on the journal does not hold", "Dit zegel komt niet van de opener. Behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_KEY_UNVOUCHED", "no former journal key vouches for the key of these seals", "Ging de zegelsleutel verloren? Geef dan beide vingerafdrukken op, van papier: samenloop journal verify --fingerprint <oude> --fingerprint <nieuwe>. Zo niet: dit zegel komt niet van de opener. Behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_KEY_MISSING", "the journal key is gone, so nothing is sealed", "Het journaal wordt niet verzegeld. Leg de kopie van de sleutel uit de kluis terug in opener-keys/. Is er geen kopie? Maak een nieuwe: samenloop keys rotate journal."),
    ("JOURNAL_NOT_HELD", "the journal does not hold the last line that the opener sealed; the opener seals it no more", "Er zijn regels weg of veranderd. Is er een reservekopie teruggezet? Zie: samenloop journal confirm-restore --help. Zo niet: waarschuw de privacyfunctionaris. Die behandelt het als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_UNSEALED", "there is no seal of the opener on the journal, though there is a key for it", "Is deze gemeente nieuw? Start de opener, dan komt het zegel. Anders is het zegel weggehaald. Behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("RESTORE_UNPROVEN", "a line says that a backup was put back, and no signed proof of it is in the home", "Zette u zelf deze reservekopie terug? Geef dan: samenloop journal confirm-restore <bestand>. Zo niet: behandel dit als een datalek. Zie 'Klopt het journaal?' in het draaiboek."),
    ("JOURNAL_HEAD_INVALID", "an exported head of the journal is not readable or of another municipality", "Wijs het bestand journaal-<datum>.json van deze gemeente aan. Is het head.json van de opener? Zie stap 2 van het draaiboek."),
    ("COLLECTOR_SILENT", "the collector of the processing log does not answer or refuses", "Controleer SAMENLOOP_OTLP_ENDPOINT. Wat niet verstuurd is, gaat de volgende keer mee."),
    ("OTLP_ENDPOINT_INVALID", "SAMENLOOP_OTLP_ENDPOINT is not the address of a collector", "Zet in SAMENLOOP_OTLP_ENDPOINT een adres dat begint met http:// of https://, zonder pad, zoals https://verzamelpunt:4318. Wat niet verstuurd is, gaat de volgende keer mee."),
    # rights of a resident
    ("SUBJECT_UNSIGNED", "a resident's request was not signed by the municipality", "Waarschuw de privacyfunctionaris: dit verzoek kwam niet van samenloop subject."),
    ("SUBJECT_REPLAYED", "a resident's request was answered before, or was signed on another day", "Waarschuw de privacyfunctionaris: een eerder verzoek is opnieuw ingediend. Hebt u zelf lang op de opener gewacht? Dien dan een nieuw verzoek in."),
    ("SUBJECT_DIFFERS", "the signals that were named are not about one person", "Een verzoek gaat over één persoon. Noem een melding van deze persoon: --signal organisatie/maand/signaalnummer. Eén is genoeg."),
    ("SUBJECT_ROW_GONE", "the signal that was named is gone, its case still holds others", "Deze melding is ingetrokken of vernietigd, maar van een zaak waarin zij stond wordt nog iets bewaard. Noem een melding van deze inwoner van een andere organisatie (--signal), of de zaak (--case)."),
    ("SUBJECT_UNREADABLE", "none of the signals that were named can be opened any more", "Deze melding kan niet meer worden geopend: de sleutel van de organisatie is ingetrokken. Noem een melding van deze inwoner van een andere organisatie (--signal), of vraag de organisatie om opnieuw te leveren."),
    ("SIGNAL_PARTNER_UNKNOWN", "no version of the agreement has the partner that was named", "Controleer de naam van de organisatie. Kopieer de hele regel die de organisatie u gaf."),
    ("SIGNAL_NAME_INVALID", "what was named is not the number of a signal", "Kopieer de hele regel die de organisatie u gaf: organisatie/maand/signaalnummer. Het nummer heeft 32 tekens (0-9, a-f)."),
    ("SUBJECT_UNKNOWN", "nothing is held of the signals that were named", "Er is niets (meer) bewaard. Vraag de organisatie om de volgende melding tegen te houden (bezwaar=ja)."),
    ("DATABASE_BUSY", "somebody reads the database, so its log could not be emptied yet", "De rest van het logbestand gaat bij de volgende keer vernietigen weg."),
    # backup and erasure
    ("BACKUP_INVALID", "the file is not a backup, or one of another version or municipality", "Wijs een bestand reservekopie-<gemeente>-<tijd>.samenloop van deze gemeente aan."),
    ("BACKUP_SEAL_BROKEN", "the backup was changed or cut off, or was sealed to another key", "Deze reservekopie gaat niet open: zij is veranderd, niet helemaal gekopieerd, of hoort bij een andere sleutel. Neem een andere kopie, of wijs met --key de sleutel aan waarmee zij is verzegeld."),
    ("RESTORE_UNFINISHED", "a restore was killed: who was erased since the backup may be in the store", "Geef samenloop restore nog een keer, met dezelfde reservekopie. Tot dan doet Samenloop niets."),
    ("LEDGER_INVALID", "the register of what was erased is not readable", "Zet wisregister.jsonl terug uit de laatste kopie."),
    ("LEDGER_BEHIND", "the register of what was erased is older than the backup, or not there", "Zet eerst de nieuwste wisregister.jsonl in de map van de gemeente, of wijs haar aan met --ledger. Zonder die lijst komt terug wie gewist is."),
    # commands
    ("BUG", "the program made a mistake", "Meld de twee regels op het scherm; er staat niets van een persoon in."),
    ("DAY_FAR_AHEAD", "the day of the run lies far ahead, and whoever typed it took it back", "Er is niets vernietigd. Geef de opdracht nog eens, met de dag die u bedoelt; zonder --date is het vandaag."),
    ("USAGE", "the command was used in a way it does not know", "Zie --help."),
    ("OPTION_MISSING", "the command needs another option beside the one that was given", "Geef ook de optie die erbij hoort:"),
    ("FILE_NOT_FOUND", "there is no file of this name", "Dit bestand is er niet. Controleer de naam en de map."),
    ("HOME_MISSING", "this folder is not the home of a municipality", "Wijs de juiste map aan met --home, of maak een oefenregio met: samenloop sample."),
    ("PORT_TAKEN", "another program listens on this port", "Kies een andere poort met --port, of stop het andere programma."),
    ("DATABASE_NOT_EMPTY", "the database that should be filled holds rows already", "Maak de database eerst leeg: verplaats de bestanden samenloop.db* (SQLite) of hernoem het schema van de gemeente (PostgreSQL). Het draaiboek zegt hoe, bij een reservekopie terugzetten."),
    ("FOLDER_NOT_EMPTY", "the folder that should be filled holds something already", "Kies een lege of nieuwe map."),
    ("DATABASE_UNREACHABLE", "the database does not answer", "Controleer of de database draait en of SAMENLOOP_DATABASE klopt. Probeer het daarna opnieuw."),
    ("DATABASE_URL_INVALID", "SAMENLOOP_DATABASE is not the address of a database", "Zet in SAMENLOOP_DATABASE een adres als postgresql://gebruiker:wachtwoord@server/database, of sqlite:////hele/pad/samenloop.db in een map die er is. Met bestanden in de map van de gemeente is SAMENLOOP_DATABASE niet nodig."),
    ("DATABASE_DAMAGED", "a part of the database cannot be read, contradicts itself or is gone; no step does that", "Stop alles, ook de opener, en waarschuw de privacyfunctionaris: het kan een datalek zijn. Verwijder niets: zet samenloop.db en alles wat zo begint samen ergens anders neer (bij PostgreSQL: vraag de beheerder van de database). Zet daarna de laatste goede reservekopie terug met samenloop restore. Zie 'Klopt het journaal?' (stap 2) en stap 5 van het draaiboek."),
    ("DATABASE_NEWER", "the database was made by a newer version", "Installeer de nieuwste versie van Samenloop."),
    ("DATABASE_OLDER", "the tables are not up to date, and this role may not change them", "Voer eerst uit, als eigenaar van de tabellen: samenloop migrate."),
    ("WRITER_LOCK_LOST", "the database ended the session that kept other writers away; this step was not kept", "Voer de opdracht opnieuw uit. Gebeurt het vaker, laat dan de beheerder van de database kijken naar tijdslimieten en herstarts."),
    ("NO_PERMISSION", "the user of this command may not read, write or move this", "Geef de gebruiker van Samenloop lees- en schrijfrechten op de map of het bestand waar het om gaat (in inbox, quarantine, outbox of reports, of wat u zelf opgaf). Voer de opdracht daarna opnieuw uit."),
    ("DISK_FULL", "there is no room to write", "Maak ruimte vrij en voer de opdracht opnieuw uit."),
    ("MEMORY_FULL", "there is not enough memory", "Sluit andere programma's of geef de machine meer geheugen, en voer de opdracht opnieuw uit. Er gaat niets verloren. Een miljoen meldingen in een maand vragen 4 GB."),
    ("FOLDER_TAKEN", "a file stands where a folder belongs", "Hier staat een bestand waar een map hoort. Kies een andere map, of zet het bestand ergens anders."),
    ("OPENER_NOT_RUNNING", "no opener serves this home", "Start de opener: samenloop opener --home <map>."),
    ("OPENER_TIMED_OUT", "the opener did not finish the worklists in time", "Kijk of de opener nog draait en voer de opdracht opnieuw uit. Er gaat niets verloren."),
    ("ROW_CHANGED", "a stored signal differs from what its partner signed", "Waarschuw de privacy officer: de opgeslagen melding is veranderd. Vraag de organisatie om nieuwe aanlevering."),
    ("CONTACT_INVALID", "a sealed contact does not hold what the format asks for", "Vraag de organisatie om opnieuw aan te leveren met de nieuwste versie van het programma."),
    ("EXCLUSIONS_INVALID", "a row of the list of people who must not be shown cannot be understood", "Verbeter de lijst in opener-keys/lists. Tot die tijd toont de opener niemand. Kolommen: achternaam, geboortedatum, postcode, huisnummer, reden, tot."),
    ("REGISTER_INVALID", "the settings for the population register cannot be read", "Herstel brp.json in opener-keys: url en api_key. Zonder dit bestand wordt de BRP niet bevraagd."),
    ("NOT_FOUND", "there is nothing with this id", "Controleer het nummer of de naam."),
    ("CASE_NOT_DOUBTFUL", "a decision is asked on a case that does not wait for one", "Deze zaak wacht niet (meer) op een besluit. Zie: samenloop review show."),
    ("EVIDENCE_CHANGED", "the signals of a doubtful case changed after it was shown", "De meldingen zijn veranderd nadat u de zaak bekeek. Bekijk haar opnieuw: samenloop review show."),
    ("REVIEW_REASON_UNKNOWN", "the reason of a decision is not one of the codes", "Kies een reden uit de lijst."),
    ("BALANCE_WRONG", "a signal, case, attempt or told outcome of a practice year is not accounted for", "Meld dit aan de makers van Samenloop, met wat hierboven staat."),
    ("DAY_AHEAD", "something was revoked as of a day that is still to come", "Intrekken werkt meteen. Trek in op de dag zelf, of laat een sleutel aflopen: samenloop keys rotate --ends-on. Een overeenkomst eindigt met samenloop agreement renew --valid-until."),
    ("DIRECTORY_CHANGED", "another command changed the key directory at the same moment", "Een andere opdracht veranderde directory.json tegelijk. Geef deze opdracht opnieuw."),
    ("NOT_ALLOWED_NOW", "the state does not allow this step", "Dit kan nu niet: kijk eerst hoe het ermee staat."),
)
# fmt: on

FAULTS: dict[str, Fault] = {code: Fault(code, meaning, next_step) for code, meaning, next_step in _ROWS}

# What else to look at in one place, where NO_PERMISSION says too little.
STEPS_OF_PLACES: dict[str, str] = {
    "samenloop.db": (
        "Geef die rechten ook op samenloop.db-wal, en verwijder dat bestand nooit. Is samenloop.db-shm "
        "alleen-lezen? Verwijder het dan, maar alleen als er geen opdracht en geen opener draait."
    ),
    "SAMENLOOP_DATABASE": (
        "Deze PostgreSQL mag nu alleen worden gelezen, zoals een reserveserver. Wijs in SAMENLOOP_DATABASE de server "
        "aan die ook schrijft, of vraag de beheerder van de database."
    ),
    "opener-keys": "Bij opener-keys mag alleen de gebruiker van de opener: geef niemand anders daar rechten.",
}

# What to do in one column of an export, where the code alone says too little.
STEPS_OF_COLUMNS: dict[tuple[str, str], str] = {
    ("VALUE_MISSING", "klantnummer"): "Vul het klantnummer in. Is dit een totaalregel? Haal haar weg.",
    ("VALUE_INVALID", "klantnummer"): (
        "Uw rekenblad heeft dit nummer afgerond (1,2E+11, of meer dan 15 cijfers). Zet de kolom op tekst en maak de "
        "lijst opnieuw."
    ),
    ("VALUE_INVALID", "achternaam"): "Zet hier de achternaam; er staan nu geen letters in.",
    ("OUT_OF_RANGE", "bedrag"): "Controleer het bedrag: het is hoger dan een miljoen euro.",
    ("OUT_OF_RANGE", "maanden_achterstand"): "Controleer het aantal maanden: het is meer dan twintig jaar.",
    ("YES_NO_INVALID", "bezwaar"): "Schrijf ja of nee. Tot dan blijven alle rijen van deze klant bij u.",
}


def step_of_row(fault: RowFault) -> str:
    """What a partner does about one row of an export, in Dutch."""
    return STEPS_OF_COLUMNS.get((fault.code, fault.column or ""), FAULTS[fault.code].next_step)
