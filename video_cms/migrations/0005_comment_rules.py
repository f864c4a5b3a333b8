"""The rules for comments, and who applies them: editors and moderators look after comments."""

import django.db.models.deletion
from django.db import migrations, models

ACTIONS = {"comment": ("view", "change"), "commentreport": ("view",)}
MODERATORS_ONLY = {"comment": ("delete",), "commentrules": ("change",)}


def permissions(apps, actions):
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    for model, verbs in actions.items():
        content_type, _ = ContentType.objects.get_or_create(app_label="video_cms", model=model)
        name = str(apps.get_model("video_cms", model)._meta.verbose_name)
        for verb in verbs:
            yield Permission.objects.get_or_create(
                content_type=content_type,
                codename=f"{verb}_{model}",
                defaults={"name": f"Can {verb} {name}"},
            )[0]


def grant(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=["Editors", "Moderators"]):
        group.permissions.add(*permissions(apps, ACTIONS))
        if group.name == "Moderators":
            group.permissions.add(*permissions(apps, MODERATORS_ONLY))


class Migration(migrations.Migration):
    dependencies = [
        ("video_cms", "0004_visitors_site"),
        ("wagtailcore", "0098_apitoken"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="CommentRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "held_words",
                    models.TextField(
                        blank=True,
                        help_text="One word or phrase on a line. A comment with one of them waits.",
                        verbose_name="words that are held",
                    ),
                ),
                (
                    "links_allowed",
                    models.PositiveSmallIntegerField(
                        default=2,
                        help_text="A comment with more links waits.",
                        verbose_name="links allowed",
                    ),
                ),
                (
                    "hold_first",
                    models.BooleanField(
                        default=False,
                        help_text="Whoever has no published comment yet waits for a moderator.",
                        verbose_name="Hold first comments",
                    ),
                ),
                (
                    "site",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="wagtailcore.site",
                    ),
                ),
            ],
            options={"verbose_name": "comment rules"},
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
