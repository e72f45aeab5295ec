"""Lists of words that tell prose, names, dates and places apart, in the packs' languages."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION_WORDS = _words(
    """
    a aan aber about al ale alla als am an anche and ao are as at att au auch auf aus av avec be
    been bei bir bis ble blir bu but by can ce ces cette che com come como con cuando da daha dans
    das dass dat de degli dei del della delle den der des det di die dla do dos du durch each een
    efter ein eine einem einer el elle em en entre er es est esta este et etter foi for fra from
    från fue för für gli ha haben had han har has hat have he her het his how i if ikke il ile ils
    im in inte is ist it its için jak je jest la las le les leur lo los ma maar mais mas med mehr
    met mit more muy más na nach ne nel nella nicht nie niet no noch non not nous nur não o och
    oder of og også olarak om on ont ook op or oraz os out où par para pas pela pelo per pero più
    plus por pour przez przy på qu que qui said se ses she sich sie sind się so som son sono sont
    su sul sur sus than that the their them then there they this til till to um uma un una und une
    up v van var ve vid von voor vor vous være w war was we werd werden were what when which who
    wie will wird with wordt would y you your z zijn zu zum zur är été être über że že
    """
)
"""Words that bind a sentence and that menus hardly have."""

NAME_PARTICLES = _words(
    """
    abu af al av bin bint da das de del della den der di do dos du e el ibn la le ten ter van
    von y zu zur
    """
)
"""Small words within a person's name."""

NO_NAME = _words(
    """
    a about access account accounts ad ads advertisement afp agence agencia agencies agency
    agentur agência aktuell all america american an analysis and answers anzeige ap app apply
    article articles associated association at author authors autor autorin avec award awards
    bank become best bild biography blog board book books breaking britain bureau business buy
    buyer buyer's buyers by calendar care center centre city club collective columnist comment
    comments commission committee community company conclusion conference consulate contact
    content contents contributor contributors control cookie cookies copyright correspondent
    council countries country course courses credit daily das data day days deals department der
    desk details die digital director disclosure division donate download dpa editor editorial
    editors education el email embassy english entertainment europe european event events
    example examples exclusive executive expert explore facts faq faqs features federal filed
    finance find first follow food for foreign forum foto foundation free from full further
    gallery general get getting getty global good google government group guide guides health
    help here home hospital hours how image images inc industry info information insights
    institute insurance international intro introduction investment is it job jobs join journal
    journalist key kolumne kommentar korrespondent korrespondentin kultur la las latest law
    league learn learning legal letter library life limited links list listen live llc local log
    login los ltd magazine main manager map market marketing media medical mehr member mental
    menu meta methods min minister ministry minute minutes money more most my nachrichten
    national network new news newsletter newsroom next no north notes now of office official on
    online opinion or our overview page pages party pdf people photo photos picks picture
    platform podcast police policy politics politik popular post posted posts premium press
    price prices pricing privacy private pro product products professional program project
    public published quelle questions read reader reading recent recipe redacción redactie
    redaktion redaktionell redazione redação related release released report reported reporter
    reporters reporting research resources results reuters review reviewed reviews rédaction
    sale school science search section security see senior series service services share shop
    show sign site social society solutions source south special sport sports staff start
    startseite state statement states step store stories story street studio studios study style
    subscribe summary support system systems table takeaways team tech technologies technology
    terms the things this time times tips to today tools top topics travel trending trial tv
    types u.s. uk und under union united university update updated updates us usa use user
    version video view views von watch ways weather web website week weekly welcome what when
    where who why wirtschaft wissen with work world writer writers written year years you your
    zeitung
    """
)
"""Words that stand capitalised in bylines, headings and menus and are in nobody's name."""

WEEKDAYS = _words(
    """
    dienstag donnerstag freitag friday mittwoch monday montag saturday sunday thursday tuesday
    wednesday
    """
)
"""Days of the week."""

MONTH_NAMES = _words(
    "april august gen jan julio jun june juno mag mai maio maja mar marca marco mars mart may set"
)
"""Names of months that persons have too."""

DATE_WORDS = _words(
    """
    actualización actualizada actualizado aggiornamento aggiornato ago aktualisiert aktualizacja
    alas alle am and article at atualizada atualizado atualização ausgabe bijgewerkt blog bst by
    cest cet comment comments created date datum di dienstag dimanche dinsdag do domenica domingo
    donderdag donnerstag edit edition edt el em erstellt est feira first fr freitag fri friday from
    gepubliceerd giovedì gmt güncelleme güncellendi heure heures hora il issued ist jeudi jour
    jueves kl klokken laatste last le lundi lunedì lunes maandag mardi martedì martes mercoledì
    mercredi mi min minute minutes mis mise mittwoch miércoles mo modified modifié modifiée mon
    monday montag news of on online op opdateret oppdatert opublikowano ore original originally pdt
    pm posted print pst pubblicato publicación publicada publicado publicerad publiceret publisert
    publish published publié publiée quarta quinta read reading released reviewed sa saat sabato
    samedi samstag sat saturday segunda sexta so sonntag stand sun sunday sábado tarihi terça the
    thu thur thurs thursday time tue tues tuesday udgivet uhr ultimo um update updated uppdaterad
    utc vendredi venerdì veröffentlicht viernes views vom vrijdag wed wednesday woensdag written
    yayınlanma zaktualizowano zaterdag zondag zuletzt última воскресенье вторник обновлено
    опубликовано понедельник пятница среда суббота четверг آخر الساعة النشر اپ بتاريخ بجے تاريخ
    تحديث شائع في نشر نُشر يوم ڈیٹ
    """
)
"""Words that stand beside a date without making its line say anything else."""

NO_PLACE = _words(
    """
    a about abstract achtung additionally advice aktualisierung also analysis answer anzeige
    april attention auch august author background because bild breaking but caution conclusion
    content correction credit das day december der die disclaimer disclosure doch editor
    editorial ein eine es even exclusive exklusiv explained explainer fact facts february figure
    first for foto frage friday from full für highlights hinweis how however i ich if im image
    important in info interview introduction is it january july june key kommentar last laut
    listen live march may mehr meinung mit monday more my nach name news no not note
    november now nun october on opinion or our overview part photo picture please podcast
    prediction quelle question quick read recap related report review saturday second see
    september sie so source sources spoiler step still story summary sunday that the thema then
    there these they this thursday tip tips title tl;dr to today topic tuesday und update
    updated verdict video von warning was watch we wednesday wenn wer what when where which
    while who why wie wir yes you your zum zur
    """
)
"""Words before a colon or a dash at a story's start that are no place."""

BYLINES_BEGIN = _words(
    """
    analysis analyse article artikel auteur author autor autore av af bericht by contributed di door
    edited ein escrito gastbeitrag geschrieben guide interview kolumne kommentar medically opinion
    par por post posted przez published recipe report reposted reviewed story text updated
    von words writer written
    """
)
"""What bylines begin with, in ASCII letters."""

OFFICES = _words(
    """
    anchor author autor autorin ceo chief co-founder columnist contributor coordinator
    correspondent critic director editor editor-in-chief founder freelance journalist
    korrespondent korrespondentin manager md phd photographer producer professor redakteur
    redakteurin redaktion reporter reviewer senior staff writer
    """
)
"""Words of what a person in a byline is."""
