"""A column that may say who left is asked about, whatever its name; nobody is added before somebody has answered."""

import pytest

DOUBTFUL = {
    "Bloqué": "1",
    "Blocage": "x",
    "Désactivé": "1",
    "Disabled": "true",
    "Suspendu": "oui",
    "Supprimé": "1",
    "Quarantaine": "oui",
    "Actif": "0",
    "is_active": "0",
    "Enabled": "false",
    "Invalide": "1",
    "Email valide": "non",
    "Erreur adresse": "1",
    "Pas de mail": "x",
    "Nomail": "1",
    "delivery": "nomail",
    "Recevoir la lettre": "non",
    "Diffusion": "non",
    "Marketing": "N",
    "Parti le": "03/05/2024",
    "Sortie": "03/05/2024",
    "Observations": "STOP",
    "Commentaire": "désabonné le 3 mars",
    "Remarques": "Ne veut plus recevoir la lettre.",
}
HARMLESS = {
    "Actif": "oui",
    "Commentaire": "Rencontrée à Auch, voir avec le maire.",
    "Date d’envoi": "03/05/2024",
    "Département": "32",
    "Mode de diffusion": "papier",
}


def listed(issue_workspace, column, value):
    file = issue_workspace.root / "liste.csv"
    file.write_text(f"email;{column}\nclaire@example.org;{value}\n", "utf-8")
    return str(file)


@pytest.mark.parametrize("column", DOUBTFUL)
def test_a_column_that_may_say_who_left_stops_the_import(issue_workspace, run, column):
    ran = run(
        "subscribers", "import", listed(issue_workspace, column, DOUBTFUL[column]), "--basis", "consent", "--apply"
    )
    assert ran.code in {1, 2}, ran.out
    assert "--map" in ran.err
    assert "claire@example.org" not in run("subscribers", "list").out


@pytest.mark.parametrize("column", HARMLESS)
def test_a_column_that_says_nothing_of_the_kind_does_not(issue_workspace, run, column):
    ran = run(
        "subscribers", "import", listed(issue_workspace, column, HARMLESS[column]), "--basis", "consent", "--apply"
    )
    assert ran.code == 0, ran.err
    assert "claire@example.org" in run("subscribers", "list").out
