"""Every fault that a rule can have: its place, to the character, what is wrong, and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadrelay.domain.notices.policy import KINDS
from leadrelay.workflows.dictionary import dictionary
from tests.rulebook.editing import HERE, changed, compiled, copied, problems

SHAPE = [
    ("sla", "warn_at: 0.75", "‸warn_att: 0.75", "unknown key 'warn_att'", "warn_at"),
    ("sla", "warn_at: 0.75", "warn_at: ‸'0.75'", "this must be a number, without quotes", None),
    ("sla", "warn_at: 0.75", "warn_at: ‸1.5", "Input should be less than 1", None),
    ("sla", "{ minutes: 1 }", "‸{ }", "'minutes' is missing here", None),
    ("scoring", "cap: 40", "cap: ‸forty", "this must be a whole number, without quotes", None),
    ("scoring", "cap: 40", "cap: ‸true", "this must be a whole number, without quotes", None),
    ("crm", "first_name: fill_if_empty", "first_name: ‸fill_if_emty", "'fill_if_emty' is not one of", "fill_if_empty"),
    ("stages", "statuses: [new,", "statuses: [‸1, new,", "this must be a text; write it in quotes", None),
    ("stages", "outside: [disqualified, recycled]", "outside: ‸disqualified", "this must be a list: [ … ]", None),
    ("calendars", 'sat: [["00:00", "24:00"]]', 'sat: [[‸"9", "24:00"]]', "'9' is not a time of day", None),
    ("calendars", "tz: Europe/Belgrade", "tz: ‸Europe/Belgrad", "unknown time zone 'Europe/Belgrad'", None),
    (
        "routing",
        "    queue: nurture\n    says: No other",
        "    queue: nurture\n    pool: sdr\n    says: No other",
        "give exactly one of pool, rep, queue",
        None,
    ),
    ("team", "sofia, weight: 3", "sofia, weight: ‸0", "Input should be greater than or equal to 1", None),
    ("sources", "demo_request: hot", "demo_request: ‸boiling", "'boiling' is not one of 'hot' or 'warm'", None),
]

CONDITIONS = [
    (
        "segments",
        "if: account.employees >= 51\n",
        "if: ‸account.employes >= 51\n",
        "unknown field 'account.employes'",
        "account.employees",
    ),
    (
        "segments",
        "if: account.employees >= 501",
        'if: ‸account.employees >= "501"',
        "cannot compare a number with a text",
        None,
    ),
    (
        "stages",
        "lead.score >= threshold.sql",
        "lead.score >= ‸threshold.sqll",
        "unknown field 'threshold.sqll'",
        "threshold.sql",
    ),
    (
        "segments",
        'lead.seniority == "director"',
        'lead.seniority == ‸lowr("Director")',
        "unknown function 'lowr'",
        "lower",
    ),
    (
        "segments",
        'lead.seniority == "manager"',
        'lead.seniority == ‸"manger"',
        "'lead.seniority' is never 'manger'",
        "manager",
    ),
    (
        "scoring",
        "{ if: lead.budget_authority, points: 50 }",
        "{ if: lead.budget_authority ‸&& lead.icp, points: 50 }",
        "'&&' is not used",
        "and",
    ),
    (
        "routing",
        'if: lead.temperature == "hot"\n',
        'if: lead.temperature == ‸"hott"\n',
        "'lead.temperature' is never 'hott'",
        "hot",
    ),
    (
        "routing",
        'if: lead.stage == "sql" and lead',
        'if: lead.stage == ‸"sqll" and lead',
        "'lead.stage' is never 'sqll'",
        "sql",
    ),
    (
        "scoring",
        'if: lead.persona == "director", points: 30',
        'if: lead.persona == ‸"directr", points: 30',
        "'lead.persona' is never 'directr'",
        "director",
    ),
    (
        "scoring",
        'if: account.industry == "software"',
        'if: account.industry == ‸"sofware"',
        "'account.industry' is never 'sofware'",
        "software",
    ),
    (
        "stages",
        'touch.intent != "newsletter"',
        'touch.intent != ‸"newsleter"',
        "'touch.intent' is never 'newsleter'",
        "newsletter",
    ),
    (
        "segments",
        "if: account.employees >= 501",
        "if: account.employees >= 501 and ‸lead.score > 1",
        "'lead.score' is not known yet here",
        None,
    ),
    (
        "segments",
        "if: account.employees >= 501",
        'if: account.employees >= 501 and ‸lead.persona == "manager"',
        "'lead.persona' is not known yet here",
        None,
    ),
    (
        "scoring",
        'if: lead.persona == "manager"',
        'if: lead.persona == "manager" and ‸lead.stage == "lead"',
        "'lead.stage' is not known yet here",
        None,
    ),
    (
        "sources",
        'if: touch.medium == "organic"',
        'if: touch.medium == "organic" and known(‸lead.email)',
        "'lead.email' is not known here",
        None,
    ),
]

MILICA = (
    "{ id: milica, name: Milica (AE), email: milica@example.com, calendar: belgrade, "
    'crm: { hubspot: "70000005", salesforce: 0055e000004jiCLAAY }'
)

REFERENCES = [
    (
        "team",
        "[{ rep: tomasz }, { rep: milica }",
        "[{ rep: tomasz }, { rep: ‸milika }",
        "unknown rep 'milika'",
        "milica",
    ),
    ("team", "revops: olek", "revops: ‸olk", "unknown rep 'olk'", "olek"),
    ("team", "    team: sdr #", "    escalation: [olek, ‸sofja]\n    team: sdr #", "unknown rep 'sofja'", "sofia"),
    ("team", "members: [{ rep: tomasz }, { rep: milica }]", "members: ‸[]", "the pool 'ae' is empty", None),
    (
        "team",
        "name: Marek (SDR), email: marek@example.com",
        "name: Marek (SDR), email: ‸Anna@example.com",
        "'anna' has this address too",
        None,
    ),
    (
        "team",
        "members: [{ rep: tomasz }, { rep: milica }]",
        "members: [{ rep: milica }, { rep: ‸milica }]",
        "'milica' is in this pool twice",
        None,
    ),
    ("team", "id: ae\n", "id: ‸sdr\n", "'sdr' is taken", None),
    (
        "team",
        "name: Ivana (SDR), email: ivana@example.com, calendar: belgrade",
        "name: Ivana (SDR), email: ivana@example.com, calendar: ‸belgrad",
        "unknown calendar 'belgrad'",
        "belgrade",
    ),
    (
        "team",
        MILICA,
        "‸{ id: milica, name: Milica (AE), email: milica@example.com, calendar: belgrade",
        "'milica' has no owner id in hubspot",
        None,
    ),
    ("routing", "pool: ae\n    next_step: Answer", "pool: ‸aes\n    next_step: Answer", "unknown pool 'aes'", "ae"),
    (
        "routing",
        "queue: nurture\n    says: Interested",
        "queue: ‸nuture\n    says: Interested",
        "unknown queue 'nuture'",
        "nurture",
    ),
    ("sla", "minutes: 5 }", "minutes: 5, calendar: ‸warsav }", "unknown calendar 'warsav'", "warsaw"),
    (
        "sla",
        '{ id: hot, if: lead.temperature == "hot", minutes: 5 }',
        '‸{ id: hot, if: lead.temperature == "hot" }',
        "'hot' needs one of `minutes`, `seconds` and `within`",
        None,
    ),
    (
        "sources",
        "\n      demo: { intent: demo_request, p",
        "\n      demo: { intent: ‸demo_reqest, p",
        "unknown intent 'demo_reqest'",
        "demo_request",
    ),
    (
        "sources",
        "offer_request, product: integrations",
        "offer_request, product: ‸integration",
        "unknown product 'integration'",
        "integrations",
    ),
    ("sources", "vendor: typeform", "vendor: ‸typefrom", "no connector 'typefrom' with the role 'source'", "typeform"),
    ("sources", "vendor: typeform", "vendor: ‸apprise", "no connector 'apprise' with the role 'source'", None),
    (
        "sources",
        "website:\n    vendor: webform",
        "website:\n    vendor: webform\n    ‸poll_seconds: 60",
        "webform has no history to ask for",
        None,
    ),
    (
        "sources",
        "website:\n    vendor: webform",
        "website:\n    vendor: webform\n    ‸check_days: 3",
        "webform has no list to count",
        None,
    ),
    (
        "sources",
        "website:\n    vendor: webform",
        "website:\n    vendor: webform\n    ‸gap_after_minutes: 9",
        "webform has no list to count",
        None,
    ),
    ("sources", "vendor: hubspot", "vendor: hubspot\n    ‸gap_after_minutes: 9", "hubspot has no list to count", None),
    ("sources", "vendor: meta", "vendor: meta\n    ‸gap_after_minutes: 9", "nothing is counted without poll", None),
    (
        "sources",
        "vendor: calendly",
        "vendor: calendly\n    poll_seconds: 60\n    check_days: ‸31",
        "calendly lists 30 days",
        None,
    ),
    ("stages", "unqualified: rejected", "‸unqualifed: rejected", "unknown status 'unqualifed'", "unqualified"),
    (
        "sources",
        "website:\n    vendor: webform",
        "website:\n    vendor: webform\n    options: { ‸honey: x }",
        "webform has no option 'honey'",
        "honeypot",
    ),
    (
        "sources",
        "website:\n    vendor: webform",
        "website:\n    vendor: webform\n    options: { mode: ‸magic }",
        "Input should be 'hmac', 'key' or 'browser'",
        None,
    ),
    (
        "sources",
        "vendor: meta",
        "vendor: meta\n    map: { ‸lead.emial: [mail] }",
        "unknown field 'lead.emial'",
        "lead.email",
    ),
    (
        "sources",
        "vendor: meta",
        "vendor: meta\n    ‸defaults: { lead.email: [mail] }",
        "`defaults` come from the vendor's connector.toml",
        "map",
    ),
    ("crm", "vendor: hubspot", "vendor: ‸hubspt", "no connector 'hubspt' with the role 'crm'", "hubspot"),
    ("crm", "first_name: fill", "‸frist_name: fill", "'frist_name' is no field of the card in hubspot", "first_name"),
    ("crm", "fields:\n", "properties: { ‸scor: x }\nfields:\n", "'scor' is no field of the card in hubspot", "score"),
    ("fields", "says: [city, town,", "says: [city, ‸e_mail, town,", "'e_mail' already means lead.email", None),
    (
        "fields",
        "software: [Software, SaaS,",
        "software: [Software, ‸FINANCE, SaaS,",
        "'FINANCE' already means finance",
        None,
    ),
    ("fields", "  lead.city:", "  ‸city:", "'city' is no name of a field", None),
    ("fields", "    kind: phone\n", "    kind: phone\n    report: ‸true\n", "lead.phone is personal", None),
    ("fields", "home_country: PL", "home_country: ‸Poland", "'Poland' is no country", None),
    ("sources", "vendor: meta", "vendor: meta\n    country: ‸pl", "'pl' is no country", None),
    (
        "scoring",
        "signals: [demo_request,",
        "signals: [‸demo_reqest,",
        "unknown signal 'demo_reqest'",
        "demo_request",
    ),
    ("scoring", "  within_days: 14\n\n", "  within_days: ‸0\n\n", "within_days is at least 1", None),
    ("fields", "  - aol.com", "  - ‸'@AOL.com'", "'@AOL.com' is no domain", "aol.com"),
    (
        "fields",
        "  - luxusmail.org",
        "  - ‸https://www.luxusmail.org/",
        "'https://www.luxusmail.org/' is no domain",
        "luxusmail.org",
    ),
    (
        "fields",
        "shared_phones: []",
        "shared_phones: [‸'22 123 45 67']",
        "'22 123 45 67' is no number we can compare",
        None,
    ),
    (
        "fields",
        "shared_phones: []",
        "shared_phones: ['+4822123*', ‸'+48 22 123']",
        "'+48 22 123' is no number we can compare",
        "+4822123",
    ),
    (
        "fields",
        "account_aliases: {}",
        "account_aliases: { a.example: ‸b.example, b.example: c.example }",
        "'b.example' is itself an alias",
        "c.example",
    ),
    (
        "fields",
        "account_aliases: {}",
        "account_aliases: { a.example: ‸gmail.com }",
        "'gmail.com' is nobody's company",
        None,
    ),
    ("fields", "account_aliases: {}", "account_aliases: { ‸Acme: acme.example }", "'Acme' is no domain", None),
    ("stages", "statuses: [new,", "statuses: ‸[fresh,", "the status 'new' is missing; LeadRelay sets it", None),
    ("stages", "statuses: [new,", "statuses: [new, ‸nw,", "hubspot has no lead_status for 'nw'", "new"),
    ("stages", "outside: [disqualified,", "outside: [‸sql,", "'sql' is a stage of the lifecycle already", None),
    (
        "stages",
        "- id: evangelist",
        "- id: ‸evangelits",
        "hubspot has no lifecycle_stage for",
        "evangelist",
    ),
    ("team", '"70000005"', '‸"70000004"', "owner 70000004 in hubspot is already tomasz", None),
    ("calendars", "country: PL", "country: ‸PLL", "'PLL' is no country we know the holidays of", "PL"),
    ("calendars", "country: PL", "country: PL\n    region: ‸XX", "'XX' is no region of PL", None),
]

NOTICE_FAULTS = [
    ("notices", "notifier: apprise", "notifier: ‸aprise", "no connector 'aprise' with the role 'notify'", "apprise"),
    ("notices", "notice: warn,", "notice: ‸warm,", "unknown notice 'warm'", "warn"),
    (
        "notices",
        "breach, to: [manager], channel: team",
        "breach, to: [manager], channel: ‸teem",
        "unknown channel",
        "team",
    ),
    ("notices", "breach, to: [manager]", "breach, to: [‸manger]", "'manger' is not one of", "manager"),
]

MEANING = [
    ("scoring", "  cap: 60", "  cap: ‸61", "the caps of fit and engagement add up to 101", None),
    ("scoring", "group: title, points: 4", "group: ‸titel, points: 4", "unknown group 'titel'", "title"),
    (
        "scoring",
        "group: title, points: 4",
        "group: title, points: ‸11",
        "11 points are more than the group 'title' allows (10)",
        None,
    ),
    (
        "scoring",
        "signal: email_opened",
        "signal: ‸email_opend",
        "nothing gives the signal 'email_opend'",
        "email_opened",
    ),
    (
        "scoring",
        "    - offer_request\n",
        "    - ‸offer_requst\n",
        "nothing gives the signal 'offer_requst'",
        "offer_request",
    ),
    (
        "scoring",
        "signal: demo_request@linkedin",
        "signal: ‸demo_reqest@linkedin",
        "nothing gives the signal 'demo_reqest@linkedin'",
        "demo_request",
    ),
    ("scoring", "most: 50", "most: ‸40", "at most 40 points, but once is already worth 50", None),
    ("scoring", "kind: burst, count: 3", "kind: ‸brust, count: 3", "unknown kind 'brust'", "burst"),
    ("scoring", "kind: burst, count: 3", "kind: burst, count: ‸0", "count is at least 1", None),
    ("scoring", "id: mail, group: mails, signal", "id: ‸burst, group: mails, signal", "'burst' is taken", None),
    ("segments", "alert: 85", "alert: ‸850", "a score is 0 to 100, never 850", None),
    ("segments", "alert_rearm: 80", "alert_rearm: ‸86", "alert_rearm (86) is above alert (85)", None),
    (
        "segments",
        "    about: the founder decides, days",
        "    thresholds: { ‸mqll: 30 }\n    about: the founder decides, days",
        "no common threshold 'mqll' to override",
        "mql",
    ),
    (
        "segments",
        "    about: signs",
        "    thresholds: { alert: ‸70 }\n    about: signs",
        "alert_rearm (80) is above alert (70)",
        None,
    ),
    ("segments", "id: mid_market", "id: ‸Mid-Market", "'Mid-Market' is no code", "mid_market"),
    (
        "routing",
        "    says: No other rule holds",
        "    says: No other rule holds\n\n  - id: after\n    if: ‸lead.icp\n    pool: sdr\n    says: never",
        "never reached: the rule on line",
        None,
    ),
    (
        "routing",
        'if: lead.stage == "sql" and (missing(lead.handed_back_at) or lead.status == "meeting_booked")\n    table',
        (
            'if: ‸lead.stage == "sql"   and lead.segment == "enterprise" and (missing(lead.handed_back_at) '
            'or lead.status == "meeting_booked")\n    table'
        ),
        "never reached: the rule on line",
        None,
    ),
    (
        "routing",
        '    if: lead.stage in ["mql", "sal"]\n    pool: sdr',
        '    if: ‸lead.icp and lead.temperature == "hot"\n    pool: sdr',
        "never reached: the rule on line",
        None,
    ),
    ("routing", 'if: "True"', "if: lead.touches > 0", "no rule takes what is left", None),
    ("routing", "key_accounts: []", "key_accounts: [‸Acme.example]", "'Acme.example': write a domain", None),
    ("routing", "key_accounts: []", "key_accounts: [‸gmail.com]", "gmail.com is free mail", None),
    ("routing", "key_accounts: []", "key_accounts: [a.example, ‸a.example]", "a.example is here twice", None),
    (
        "stages",
        "hand_back: [back_to_sdr]",
        "hand_back: [‸back_to_sdrs]",
        "`reasons` has no 'back_to_sdrs'",
        "back_to_sdr",
    ),
    (
        "routing",
        'if: lead.temperature == "hot"\n    pool: sdr',
        'if: lead.temperature == "hot"\n    queue: ‸nurture',
        "a hot lead of whom nothing else is known would wait",
        None,
    ),
    (
        "sources",
        "webinar_attended: was there",
        "webinar_attendd: was there",
        "nothing gives the signal 'webinar_attended'",
        "webinar_attendd",
    ),
]

STAGES = [
    ("stages", "enrol: onboarding", "enrol: ‸onbording", "unknown sequence 'onbording'", "onboarding"),
    ("stages", "notice: customer,", "notice: ‸custmer,", "nobody is told of 'custmer'", "customer"),
    ("stages", "qualification: SQL", "qualification: ‸SQLL", "unknown qualification 'SQLL'", "SQL"),
    ("stages", "  - { type: SQL,", "  - { type: ‸MQL,", "'MQL' is declared twice", None),
    ("stages", "  - { type: SAL,", "  - { type: ‸XQL, team: x }\n  - { type: SAL,", "nobody ever gains 'XQL'", None),
    (
        "stages",
        "  - { type: SAL,",
        "  - { type: SAL, stage: ‸sall,",
        "unknown stage 'sall'",
        "sal",
    ),
    (
        "stages",
        """if: '"trial_user_added" in""",
        """if: '‸lead.stage == "mql" and "trial_user_added" in""",
        "'lead.stage' is not known yet here",
        None,
    ),
    ("stages", "rejected: disqualified,", "rejected: ‸disqualifed,", "'disqualifed' is no way out", "disqualified"),
    ("stages", "exits: { rejected:", "exits: { ‸rejectd:", "'rejectd' is not one of", "rejected"),
    (
        "stages",
        'lead.reason == "no_budget"',
        'lead.reason == ‸"no_buget"',
        "'lead.reason' is never 'no_buget'",
        "no_budget",
    ),
    (
        "stages",
        '"customer" in lead.reached',
        '‸"custmer" in lead.reached',
        "'lead.reached' is never 'custmer'",
        "customer",
    ),
    (
        "routing",
        '"PQL" in lead.qualifications',
        '‸"PQLL" in lead.qualifications',
        "'lead.qualifications' is never",
        "PQL",
    ),
    (
        "routing",
        "if: lead.score >= threshold.nurture",
        'if: ‸lead.sequence == "x"',
        "'lead.sequence' is not known yet",
        None,
    ),
    ("stages", "- id: competitor", "- id: ‸no_budget", "'no_budget' is taken", None),
    (
        "stages",
        "next_step: Send the comparison",
        "list: { ‸hubspt: '1' }\n      next_step: Send the comparison",
        "'hubspt' is no CRM",
        "hubspot",
    ),
    ("stages", "{ id: onboarding,", "{ id: ‸onboard,", "nobody gets into 'onboard'", None),
    ("stages", "next_year: 365", "next_year: ‸0", "0 days: a timing is 1 to 3660 days", None),
    ("stages", "otherwise: next_quarter", "otherwise: ‸next_quartr", "unknown timing 'next_quartr'", "next_quarter"),
    ("stages", "next_year: 365", "next_decade: ‸365", "hubspot has no timing for 'next_decade'", "next_year"),
    (
        "stages",
        "unsubscribed: [unsubscribed, group",
        "unsubscribed: [‸unsubscibed, group",
        "unknown signal 'unsubscibed'",
        "unsubscribed",
    ),
    ("stages", "after_days: 365,", "after_days: ‸0,", "Input should be greater than or equal to 1", None),
    (
        "stages",
        "after_days: 365,",
        "status: ‸unqualifed, after_days: 365,",
        "unknown status 'unqualifed'",
        "unqualified",
    ),
    ("stages", "connected: accepted", "‸conected: accepted", "unknown status 'conected'", "connected"),
    (
        "team",
        "name: Nurture programme,",
        "name: Nurture programme, ‸list: { hubspot: '7' },",
        "the lists belong to the sequences",
        None,
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "suggestion"),
    [*SHAPE, *CONDITIONS, *REFERENCES, *NOTICE_FAULTS, *MEANING, *STAGES],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "…",
)
def test_a_fault_is_named_at_its_character(
    tmp_path: Path, file: str, old: str, new: str, message: str, suggestion: str | None
) -> None:
    rules = copied(tmp_path)
    place = changed(rules, file, old, new)
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert found[0].suggestion == suggestion
    assert found[0].severity == "error"
    if HERE in new:
        assert (found[0].line, found[0].column) == place
        assert found[0].file == str(rules / f"{file}.yaml")


def test_a_hot_intent_needs_a_deadline(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "sla", 'if: lead.temperature == "hot", minutes', "if: lead.icp, minutes")
    changed(rules, "sla", 'if: "True", minutes', 'if: lead.temperature == "warm", minutes')
    found = [problem for problem in problems(rules) if problem.severity == "error"]
    assert [(problem.file, problem.line, problem.message) for problem in found] == [
        (str(rules / "sources.yaml"), line, f"'{intent}' is hot, but no policy of sla.yaml holds for a hot lead")
        for line, intent in ((9, "demo_request"), (10, "offer_request"))
    ]


def test_what_is_odd_is_said_and_stops_nothing(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    threshold = changed(rules, "segments", "  alert: 85", "  ‸unused: 50\n  alert: 85")
    intent = changed(rules, "sources", "  newsletter: null", "  newsletter: null\n  ‸podcast: warm")
    spare = "  - { id: ‸spare, name: Spare, manager: nina, members: [{ rep: anna }] }\n\nqueues:\n"
    pool = changed(rules, "team", "queues:\n", spare)
    found = compiled(rules).warnings
    assert [(problem.severity, problem.line, problem.column, problem.message) for problem in found] == [
        ("warning", *threshold, "no rule cites threshold.unused"),
        ("warning", *intent, "no form has the intent 'podcast'"),
        ("warning", *pool, "no rule routes into the pool 'spare'"),
    ]


def test_all_faults_of_all_files_are_found_at_once(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    places = [
        ("calendars", changed(rules, "calendars", "country: PL", "country: ‸PLL")),
        ("routing", changed(rules, "routing", "pool: ae\n    next_step: Answer", "pool: ‸aes\n    next_step: Answer")),
        ("segments", changed(rules, "segments", "if: account.employees >= 501", "if: ‸account.employes >= 501")),
        ("sla", changed(rules, "sla", "warn_at: 0.75", "‸warn_att: 0.75")),
    ]
    found = [(Path(problem.file).stem, (problem.line, problem.column)) for problem in problems(rules)]
    assert found == places


def test_a_file_of_an_unknown_name_is_a_rule_that_nobody_reads(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    (rules / "route.yaml").write_text("rules: []\n", "utf-8")
    (problem,) = problems(rules)
    assert str(problem) == f"{rules / 'route.yaml'}:1:1: no rules file has this name; did you mean 'routing'?"


def test_a_missing_file_is_named_and_the_others_are_still_checked(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    (rules / "sla.yaml").unlink()
    changed(rules, "team", "revops: olek", "revops: ‸olk")
    assert [problem.message for problem in problems(rules)] == [
        "cannot be read: No such file or directory",
        "unknown rep 'olk'",
    ]


def test_every_notice_that_decisions_can_say_may_be_named() -> None:
    assert all(set(KINDS) == set(words.titles) == set(words.advice) for words in dictionary().values())
