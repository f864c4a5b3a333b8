"""Accounts have a standing, which moderators change.

Django makes permissions only after all migrations, so the one needed here is made here.
"""

from django.db import migrations, models


def grant(apps, schema_editor):
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="video_cms", model="creatorprofile"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename="moderate_creatorprofile",
        defaults={"name": "Can verify, mute and suspend creators"},
    )
    for group in apps.get_model("auth", "Group").objects.filter(name="Moderators"):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("video_cms", "0013_renditions"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="creatorprofile",
            options={
                "permissions": [
                    ("moderate_creatorprofile", "Can verify, mute and suspend creators")
                ],
                "verbose_name": "creator profile",
                "verbose_name_plural": "creator profiles",
            },
        ),
        migrations.AddField(
            model_name="creatorprofile",
            name="standing",
            field=models.CharField(
                choices=[
                    ("good", "in good standing"),
                    ("muted", "muted"),
                    ("suspended", "suspended"),
                ],
                default="good",
                editable=False,
                max_length=10,
                verbose_name="standing",
            ),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
