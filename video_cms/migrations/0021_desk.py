"""Comments are listed by time; groups get what their members need at the desk, and no more.

Creators could send neither pictures nor films: Wagtail asks for the rights to its own models.
Profiles come and go with their accounts, so nobody adds or deletes them.
"""

from django.db import migrations, models

FILES = {
    "add_picture": ("wagtailimages", "add_image"),
    "add_videomedia": ("wagtailmedia", "add_media"),
}
NEVER = ["add_creatorprofile", "delete_creatorprofile"]


def grant(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    InCollection = apps.get_model("wagtailcore", "GroupCollectionPermission")
    rules, _ = ContentType.objects.get_or_create(app_label="video_cms", model="uploadrules")
    change_rules, _ = Permission.objects.get_or_create(
        content_type=rules,
        codename="change_uploadrules",
        defaults={"name": "Can change upload rules"},
    )
    for group in apps.get_model("auth", "Group").objects.all():
        if group.name in ("Editors", "Moderators"):
            group.permissions.remove(*group.permissions.filter(codename__in=NEVER))
        if group.name == "Moderators":
            group.permissions.add(change_rules)
        if group.name == "Creators":
            for given, (app, needed) in FILES.items():
                right = Permission.objects.filter(content_type__app_label=app, codename=needed)
                InCollection.objects.filter(
                    group=group,
                    permission__content_type__app_label="video_cms",
                    permission__codename=given,
                ).update(permission=right.get())


class Migration(migrations.Migration):
    dependencies = [
        ("video_cms", "0020_whole_imports"),
        ("wagtailimages", "0002_initial_data"),
        ("wagtailmedia", "0003_copy_media_permissions_to_collections"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["created_at"], name="comment_recent"),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
