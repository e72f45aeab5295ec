"""Words of the topics that text around articles is about: what the line model counts.

Short lists on purpose, of words that mean the same on any site; a topic says nothing by itself,
since articles are about cookies and newsletters too.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOPICS: dict[str, frozenset[str]] = {
    "consent": _words(
        """
        cookie cookies consent gdpr privacy preferences vendors datenschutz einwilligung
        confidentialité consentement privacidad consentimiento informativa riservatezza
        """
    ),
    "promotion": _words(
        """
        newsletter newsletters subscribe subscribed subscriber subscribers subscription sign inbox
        email emails download app free trial register login click join contact call abonnieren
        abonnement abo anmelden abonnez inscrivez suscríbete suscripción gratis iscriviti
        """
    ),
    "author": _words(
        """
        author authors writer writes wrote reporter editor journalist correspondent columnist
        founder ceo expert graduate degree experience specializing passionate bio contributor
        freelance covers lives autor autorin redakteur redakteurin journalistin journaliste
        periodista
        """
    ),
    "comment": _words(
        """
        comment comments commented reply replies replied posted post thread forum guest anonymous
        ago likes thanks thank kommentar kommentare antworten commentaire commentaires répondre
        comentario comentarios
        """
    ),
    "legal": _words(
        """
        rights reserved copyright disclaimer terms liability advice informational purposes
        constitute intended substitute warranty affiliate commission commissions advertiser
        advertisers sponsored registered trademark trademarks haftung rechte vorbehalten
        """
    ),
    "we": _words("we our us i my me wir uns unser unsere nous notre nos nosotros nuestro nuestra"),
    "you": _words("you your yours sie ihr ihre ihnen vous votre vos usted su sus"),
}
