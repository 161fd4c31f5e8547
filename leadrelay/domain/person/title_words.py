"""Words of job titles in English, Polish, Serbian and German, as they look after `titles.words_of`: lower case, Latin
letters without marks, Serbian Cyrillic spelled out. What is written here is data; how it is read is in `titles.py`.

A phrase is one or more whole words. `*` in a word stands for any letters there. Of two phrases that overlap the longer
one counts ("product owner" is no owner), then the one that is spelled out. `=` begins a phrase that is the whole title.
"""

from __future__ import annotations

from collections.abc import Mapping

ASSISTANTS = (
    *("assistant to", "assistant of", "assistant", "pa to", "pa", "secretary", "*assistent", "*assistentin"),
    *("*assistenz", "asystent", "asystentka", "asystentki", "sekretarz", "sekretarka", "sekretariat"),
    *("asistent", "asistentkinja", "asistentica", "sekretar", "sekretarica", "sekretarin"),
)
"""Who helps somebody of a rank does not have it: "assistant to the CEO" is no CEO."""

SENIORITY: Mapping[str, tuple[str, ...]] = {
    "executive": (
        *("ceo", "cto", "cfo", "coo", "cio", "cmo", "cpo", "cro", "cdo", "ciso", "chro", "cco", "cso", "cao", "cxo"),
        *("chief", "chief * officer", "president", "owner", "co owner", "coowner", "business owner", "proprietor"),
        *("founder", "cofounder", "co founder", "managing director", "executive director", "general manager"),
        *("managing partner", "founding partner", "senior partner", "=partner", "entrepreneur", "chairman"),
        *("chairwoman",),
        *("chairperson", "board member", "member of the board", "member of the management board", "c level"),
        # Polish
        *("prezes", "prezeska", "wiceprezes", "wiceprezeska", "prezes zarzadu", "wlasciciel", "wlascicielka"),
        *("wspolwlasciciel", "wspolwlascicielka", "zalozyciel", "zalozycielka", "wspolzalozyciel", "wspolzalozycielka"),
        *("wspolnik", "wspolniczka", "czlonek zarzadu", "czlonkini zarzadu", "przewodniczacy", "przewodniczaca"),
        *("dyrektor generalny", "dyrektorka generalna", "dyrektor zarzadzajacy", "dyrektorka zarzadzajaca"),
        *("dyrektor naczelny", "dyrektorka naczelna", "przedsiebiorca", "przedsiebiorczyni"),
        # Serbian
        *("vlasnik", "vlasnica", "suvlasnik", "suvlasnica", "osnivac", "osnivacica", "suosnivac", "suosnivacica"),
        *("generalni direktor", "generalna direktorka", "izvrsni direktor", "izvrsna direktorka", "predsednik"),
        *("predsednica", "potpredsednik uprave", "clan uprave", "clanica uprave", "clan upravnog odbora"),
        *("clanica upravnog odbora", "preduzetnik", "preduzetnica", "gazda", "gazdarica"),
        # German
        *("geschaftsfuhrer", "geschaftsfuhrerin", "geschaeftsfuehrer", "geschaeftsfuehrerin", "geschaftsfuhrender *"),
        *("geschaftsfuhrende *", "geschaftsfuhrung", "geschaeftsfuehrung", "geschaftsleitung", "geschaftsleiter"),
        *("geschaftsleiterin", "inhaber", "inhaberin", "mitinhaber", "mitinhaberin", "grunder", "grunderin"),
        *("gruender", "gruenderin", "mitgrunder", "mitgrunderin", "gesellschafter", "gesellschafterin", "vorstand"),
        *("vorstandin", "vorstandsmitglied", "vorstandsvorsitzender", "vorstandsvorsitzende", "vorsitzender"),
        *("generaldirektor", "generaldirektorin", "unternehmer", "unternehmerin"),
    ),
    "director": (
        *("director", "vp", "vice president", "svp", "evp", "avp", "head of", "head", "global head", "deputy director"),
        *("chief of staff", "general counsel"),
        *("dyrektor", "dyrektorka", "zastepca dyrektora", "zastepczyni dyrektora", "wicedyrektor", "wicedyrektorka"),
        *("dyrektor wykonawczy", "pelnomocnik zarzadu", "prokurent"),
        *("direktor", "direktorka", "direktorica", "zamenik direktora", "zamenica direktora", "potpredsednik"),
        *("potpredsednica",),
        *("direktorin", "bereichsleiter", "bereichsleiterin", "bereichsleitung", "hauptabteilungsleiter"),
        *("hauptabteilungsleiterin", "*leiter", "*leiterin", "*leitung", "prokurist", "prokuristin"),
    ),
    "manager": (
        *("manager", "assistant manager", "assistant director", "supervisor", "team lead", "team leader", "teamlead"),
        *("tech lead", "lead", "leader", "foreman", "chief accountant", "chief engineer", "chief specialist"),
        *("editor in chief", "mgr of", "coordinator manager", "superintendent"),
        *("menedzer", "menedzerka", "menadzer", "menadzerka", "kierownik", "kierowniczka", "zastepca kierownika"),
        *("zastepczyni kierownika", "lider", "liderka", "naczelnik", "naczelniczka", "glowny ksiegowy"),
        *("glowna ksiegowa", "glowny specjalista", "brygadzista", "szef", "szefowa", "managerka"),
        *("menadzerica", "rukovodilac", "rukovoditelj", "rukovoditeljka", "rukovodilja", "sef", "sefica", "nacelnik"),
        *("nacelnica", "upravnik", "upravnica", "poslovodja", "glavni racunovodja", "pomocnik direktora"),
        *("sefovica", "vodja", "voditelj", "voditeljka"),
        *("managerin", "abteilungsleiter", "abteilungsleiterin", "abteilungsleitung", "teamleiter", "teamleiterin"),
        *("teamleitung", "gruppenleiter", "gruppenleiterin", "projektleiter", "projektleiterin", "projektleitung"),
        *("schichtleiter", "schichtleiterin", "filialleiter", "filialleiterin", "marktleiter", "marktleiterin"),
        *("produktleiter", "produktleiterin", "stellvertretender leiter", "stellvertretende leiterin"),
    ),
    "specialist": (
        *("specialist", "engineer", "developer", "programmer", "analyst", "consultant", "advisor", "adviser"),
        *("architect", "designer", "administrator", "admin", "accountant", "bookkeeper", "buyer", "representative"),
        *("sales rep", "account executive", "sales executive", "marketing executive", "officer", "coordinator"),
        *("expert", "technician", "scientist", "researcher", "lawyer", "recruiter", "clerk", "associate", "agent"),
        *("product owner", "process owner", "system owner", "data owner", "business partner", "hr business partner"),
        *("copywriter", "editor", "tester", "operator", "nurse", "teacher", "head teacher", "professor"),
        *("lead generation",),
        *("scrum master", "sdr", "bdr", "freelancer", "employee", "contractor", "chief of party", "head hunter"),
        *("head chef", "chief specialist assistant", "lead developer", "lead engineer", "lead designer"),
        *("specjalista", "specjalistka", "inzynier", "inzynierka", "programista", "programistka", "analityk"),
        *("analityczka", "konsultant", "konsultantka", "doradca", "doradczyni", "ksiegowy", "ksiegowa", "kadrowa"),
        *("kadrowy", "informatyk", "informatyczka", "pracownik", "pracownica", "handlowiec", "przedstawiciel"),
        *("przedstawicielka", "referent", "referentka", "koordynator", "koordynatorka", "projektant", "projektantka"),
        *("prawnik", "prawniczka", "radca prawny", "radczyni prawna", "kupiec", "zaopatrzeniowiec", "ekspert"),
        *("ekspertka", "nauczyciel", "nauczycielka", "technik", "grafik", "graficzka", "samodzielny"),
        *("strucnjak", "strucnjakinja", "inzenjer", "inzenjerka", "programer", "programerka", "analiticar"),
        *("analiticarka", "savetnik", "savetnica", "knjigovodja", "racunovodja", "referentkinja", "saradnik"),
        *("saradnica", "komercijalista", "komercijalistkinja", "komercijalni predstavnik", "koordinator"),
        *("koordinatorka", "pravnik", "pravnica", "zaposleni", "zaposlena", "radnik", "radnica", "nabavljac"),
        *("dizajner", "dizajnerka", "tehnicar", "nastavnik", "nastavnica", "strucni saradnik", "strucna saradnica"),
        *("spezialist", "spezialistin", "ingenieur", "ingenieurin", "entwickler", "entwicklerin", "berater"),
        *("beraterin", "sachbearbeiter", "sachbearbeiterin", "mitarbeiter", "mitarbeiterin", "referentin"),
        *("buchhalter", "buchhalterin", "einkaufer", "einkauferin", "verkaufer", "verkauferin", "angestellter"),
        *("angestellte", "analystin", "koordinatorin", "jurist", "juristin", "fachkraft", "techniker", "technikerin"),
        *("informatiker", "informatikerin", "*berater", "*beraterin", "*entwickler", "*ingenieur"),
    ),
    "trainee": (
        *("trainee", "intern", "student", "apprentice", "working student", "phd student", "graduate"),
        *("praktykant", "praktykantka", "stazysta", "stazystka", "studentka", "uczen", "uczennica", "doktorant"),
        *("praktikant", "praktikantkinja", "pripravnik", "pripravnica", "studentkinja", "ucenik", "ucenica"),
        *("praktikantin", "werkstudent", "werkstudentin", "auszubildender", "auszubildende", "azubi", "studentin"),
        *("schuler", "schulerin", "doktorand", "doktorandin"),
    ),
}
"""Rank -> its words, highest first: of two ranks in a title the higher one counts, but a trainee is a trainee."""

DEPARTMENT: Mapping[str, tuple[str, ...]] = {
    "it": (
        *("it", "ict", "cio", "cto", "ciso", "information technology", "information systems", "information security"),
        *("informatyk*", "informacyjn*", "informatik*", "informacion*", "technology", "technologies", "software"),
        *("developer", "developers", "programmer", "programist*", "programer*", "devops", "sysadmin", "system *"),
        *("systems", "data", "cybersecurity", "cyber", "security", "edv", "entwickler", "entwicklerin", "*entwickler"),
        *("web", "cloud", "infrastructure", "infrastruktur*", "scrum", "qa", "tester*", "systemadministrator*"),
    ),
    "finance": (
        *("finance", "financial", "finances", "cfo", "accounting", "accountant", "controller", "controlling"),
        *("treasury", "treasurer", "bookkeep*", "audit*", "tax", "finans*", "finanz*", "finansij*", "ksiegow*"),
        *("rachunkow*", "buchhalt*", "rechnungswesen", "racunovod*", "knjigovod*", "skarbnik", "kontroling*"),
        *("steuer*", "podatk*", "porez*", "budget*"),
    ),
    "marketing": (
        *("marketing*", "cmo", "brand", "brands", "content", "seo", "sem", "ppc", "pr", "public relations"),
        *("communications", "communication", "social media", "growth", "demand generation", "lead generation"),
        *("reklam*", "komunikacj*", "komunikacij*", "kommunikation*", "werbung", "copywriter*", "promocj*"),
        *("promocij*",),
        *("marketinsk*", "digital marketing", "crm"),
    ),
    "sales": (
        *("sales", "cro", "account executive", "account manager", "account director", "key account"),
        *("business development",),
        *("commercial", "sdr", "bdr", "revenue", "presales", "sprzedaz*", "handlow*", "handlu"),
        *("kluczowych klientow", "rozwoju biznesu", "prodaj*", "komercijal*", "razvoj poslovanja"),
        *("razvoja poslovanja",),
        *("vertrieb*", "verkauf*", "kundenberater*", "aussendienst*", "przedstawiciel*"),
    ),
    "operations": (
        *("operations", "operational", "coo", "logistics", "supply chain", "production", "manufacturing", "warehouse"),
        *("plant", "quality", "process", "facility", "facilities", "operacyjn*", "operacji", "produkcj*", "logistyk*"),
        *("magazyn*", "jakosci", "operativ*", "operacij*", "proizvodnj*", "logistik*", "skladist*", "magacin*"),
        *("kvaliteta", "betrieb*", "produktion*", "fertigung*", "lager*", "qualitat*", "lancucha dostaw"),
        *("lanca snabdevanja", "administrac*", "office manager"),
    ),
    "hr": (
        *("hr", "human resources", "chro", "people", "talent", "recruiter", "recruiting", "recruitment", "payroll"),
        *("kadr*", "personalny", "personalna", "zasobow ludzkich", "rekrutac*", "rekruter*", "ljudskih resursa"),
        *("ljudski resursi", "kadrovsk*", "regrutac*", "personal*", "personnel"),
    ),
    "legal": (
        *("legal", "lawyer", "counsel", "general counsel", "attorney", "compliance", "law", "clo", "prawn*"),
        *("radca prawny", "radczyni prawna", "adwokat*", "pravn*", "advokat*", "recht", "rechts*", "jurist*"),
        *("justitiar*", "syndikus*", "datenschutz*", "ochrony danych", "data protection"),
    ),
    "procurement": (
        *("procurement", "purchasing", "purchase", "buyer", "sourcing", "zakup*", "zaopatrzen*", "kupiec", "nabavk*"),
        *("nabavljac*", "nabavke", "nabava", "einkauf*", "beschaffung*", "strategic sourcing"),
    ),
    "product": (
        *("product", "products", "produktu", "produktow", "produktem", "proizvoda", "proizvod", "produktmanag*"),
        *("produktleit*", "r d", "research", "badan", "razvoj", "razvoja", "forschung*"),
    ),
    "support": (
        *("customer success", "customer service", "customer support", "customer care", "support", "helpdesk"),
        *("service desk", "obslug* klient*", "wsparci*", "podrsk*", "korisnick*", "kundendienst*", "kundenservice*"),
    ),
}
"""Department -> its words; of several in a title the first one counts."""

NO_DEPARTMENT = ("personal assistant", "personal trainer", "assistant to the * *", "people manager", "data entry")
"""Phrases that hold a department's word and mean none."""
