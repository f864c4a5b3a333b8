"""Addresses of the visitor's site. Videos and the home page are Wagtail pages."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter
from django.views.generic import RedirectView
from django.views.i18n import set_language
from wagtail.images import urls as wagtailimages_urls

from .syndication import embedding, feeds, site_files, sitemaps
from .views import (
    browse,
    comments,
    digest,
    dismissing,
    history,
    library,
    looks,
    media,
    notices,
    playback,
    processing,
    profile,
    search,
    settings,
    taste,
    uploads,
    watching,
    why,
)
from .views.studio import caption_lines, listing, statistics, upload
from .views.studio import captions as studio_captions
from .views.studio import comments as studio_comments
from .views.studio import importing as studio_importing


class UsernameConverter(StringConverter):
    """A user name as accounts may have it."""

    regex = r"[A-Za-z0-9_.@+-]{1,150}"


register_converter(UsernameConverter, "username")

urlpatterns = [
    path("language/", set_language, name="set_language"),
    path("feed/", browse.feed, name="feed"),
    path("following/", browse.following, name="following"),
    path("explore/", browse.explore, name="explore"),
    path("explore/trending/", browse.trending_videos, name="trending"),
    path("browse/", RedirectView.as_view(pattern_name="explore", permanent=True), name="browse"),
    path("browse/<slug:slug>/", browse.parent_category, name="parent_category"),
    path("browse/<slug:slug>/interest/", browse.interest, {"on": True}, name="interest"),
    path("browse/<slug:slug>/uninterest/", browse.interest, {"on": False}, name="uninterest"),
    path("category/<slug:slug>/", browse.category, name="category"),
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggest, name="suggest"),
    path("video/<slug:video_id>/watch/", watching.watch, name="watch"),
    path("video/<slug:video_id>/chapters.vtt", playback.chapters, name="chapters"),
    path("video/<slug:video_id>/captions/<slug:language>.vtt", playback.captions, name="captions"),
    path("video/<slug:video_id>/transcript/", playback.transcript, name="transcript"),
    path("player/<slug:name>/on/", playback.choose, {"on": True}, name="player_choose"),
    path("player/<slug:name>/off/", playback.choose, {"on": False}, name="player_unchoose"),
    path("video/<slug:video_id>/like/", watching.like, {"on": True}, name="like"),
    path("video/<slug:video_id>/unlike/", watching.like, {"on": False}, name="unlike"),
    path("video/<slug:video_id>/comments/", comments.comments, name="comments"),
    path("comments/<int:comment_id>/", comments.one_thread, name="comment_thread"),
    path("comments/<int:comment_id>/answer/", comments.answer, name="comment_answer"),
    path("comments/<int:comment_id>/edit/", comments.edit, name="comment_edit"),
    path("comments/<int:comment_id>/delete/", comments.delete, name="comment_delete"),
    path("comments/<int:comment_id>/report/", comments.report, name="comment_report"),
    path("comments/<int:comment_id>/like/", comments.like, {"on": True}, name="comment_like"),
    path("comments/<int:comment_id>/unlike/", comments.like, {"on": False}, name="comment_unlike"),
    path("comments/<int:comment_id>/pin/", comments.pin, {"on": True}, name="comment_pin"),
    path("comments/<int:comment_id>/unpin/", comments.pin, {"on": False}, name="comment_unpin"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<int:notice_id>/read/", notices.read, name="notice_read"),
    path("video/<slug:video_id>/why/", why.why, name="why"),
    path("video/<slug:video_id>/dismiss/", dismissing.dismiss, {"on": True}, name="dismiss"),
    path("video/<slug:video_id>/undismiss/", dismissing.dismiss, {"on": False}, name="undismiss"),
    path("video/<slug:video_id>/later/", library.later, {"on": True}, name="later"),
    path("video/<slug:video_id>/not-later/", library.later, {"on": False}, name="not_later"),
    path("video/<slug:video_id>/save/", library.save, name="save"),
    path("history/", history.history, name="history"),
    path("history/on/", history.keep, {"on": True}, name="history_on"),
    path("history/off/", history.keep, {"on": False}, name="history_off"),
    path("history/clear/", history.clear, name="history_clear"),
    path("history/restore/", history.restore, name="history_restore"),
    path("history/<int:pk>/remove/", history.remove, name="history_remove"),
    path("liked/", library.liked, name="liked"),
    path("liked/<slug:video_id>/remove/", library.change_liked, {"on": False}, name="liked_remove"),
    path(
        "liked/<slug:video_id>/restore/", library.change_liked, {"on": True}, name="liked_restore"
    ),
    path("watch-later/", library.watch_later, name="watch_later"),
    path("playlists/", library.playlists, name="playlists"),
    path("playlist/<slug:playlist_id>/", library.playlist, name="playlist"),
    path("playlist/<slug:playlist_id>/edit/", library.edit, name="playlist_edit"),
    path("playlist/<slug:playlist_id>/delete/", library.delete, name="playlist_delete"),
    path("playlist/<slug:playlist_id>/add/", library.add, name="playlist_add"),
    path("playlist/<slug:playlist_id>/<int:pk>/remove/", library.remove, name="playlist_remove"),
    path("playlist/<slug:playlist_id>/<int:pk>/up/", library.move, {"by": -1}, name="playlist_up"),
    path(
        "playlist/<slug:playlist_id>/<int:pk>/down/", library.move, {"by": 1}, name="playlist_down"
    ),
    path("my-recommendations/", taste.overview, name="my_recommendations"),
    path("my-recommendations/learning/", taste.set_learning, name="my_recommendations_learning"),
    path("my-recommendations/interest/", taste.remove_interest, name="my_recommendations_interest"),
    path("my-recommendations/signals/", taste.remove_signals, name="my_recommendations_signals"),
    path("my-recommendations/restore/", taste.restore, name="my_recommendations_restore"),
    path("my-recommendations/reset/", taste.reset, name="my_recommendations_reset"),
    path("my-recommendations/export/", taste.export, name="my_recommendations_export"),
    path("profile/edit/", profile.edit, name="profile_edit"),
    path("profile/<username:username>/", profile.profile, name="profile"),
    path("profile/<username:username>/followers/", profile.followers, name="followers"),
    path("profile/<username:username>/following/", profile.following, name="following"),
    path("profile/<username:username>/follow/", watching.follow, {"on": True}, name="follow"),
    path("profile/<username:username>/unfollow/", watching.follow, {"on": False}, name="unfollow"),
    path(
        "profile/<username:username>/dismiss/",
        dismissing.dismiss_creator,
        {"on": True},
        name="dismiss_creator",
    ),
    path(
        "profile/<username:username>/undismiss/",
        dismissing.dismiss_creator,
        {"on": False},
        name="undismiss_creator",
    ),
    path("upload/", upload.upload, name="upload"),
    path("upload/keep/", upload.keep, name="upload_keep"),
    path("upload/parts/", uploads.create, name="upload_create"),
    path("upload/parts/<slug:upload_id>/", uploads.part, name="upload_part"),
    path("studio/", listing.studio, name="studio"),
    path("studio/many/", listing.change_many, name="studio_many"),
    path("studio/deleted/", listing.deleted, name="studio_deleted"),
    path("studio/import/", studio_importing.imports, name="studio_imports"),
    path("studio/import/<uuid:run_id>/", studio_importing.one, name="studio_import"),
    path("studio/comments/", studio_comments.comments, name="studio_comments"),
    path(
        "studio/comments/<int:comment_id>/answer/",
        studio_comments.answer,
        name="studio_comment_answer",
    ),
    path(
        "studio/comments/<int:comment_id>/<slug:verb>/",
        studio_comments.decide,
        name="studio_comment",
    ),
    path("studio/<slug:video_id>/", upload.edit, name="studio_edit"),
    path("studio/<slug:video_id>/keep/", upload.keep, name="studio_keep"),
    path("studio/<slug:video_id>/row/", listing.row, name="studio_row"),
    path("studio/<slug:video_id>/unpublish/", listing.unpublish, name="studio_unpublish"),
    path("studio/<slug:video_id>/captions/", studio_captions.add, name="studio_captions"),
    path(
        "studio/<slug:video_id>/captions/lines/", caption_lines.lines, name="studio_captions_lines"
    ),
    path(
        "studio/<slug:video_id>/captions/<slug:language>/",
        studio_captions.edit,
        name="studio_caption",
    ),
    path(
        "studio/<slug:video_id>/captions/<slug:language>/lines/",
        caption_lines.lines,
        name="studio_caption_lines",
    ),
    path(
        "studio/<slug:video_id>/captions/<slug:language>/remove/",
        studio_captions.remove,
        name="studio_caption_remove",
    ),
    path(
        "studio/<slug:video_id>/captions/<slug:language>.vtt",
        studio_captions.download,
        name="studio_caption_file",
    ),
    path("studio/<slug:video_id>/publish/", listing.publish, name="studio_publish"),
    path("studio/<slug:video_id>/restore/", listing.restore, name="studio_restore"),
    path("studio/<slug:video_id>/erase/", listing.erase, name="studio_erase"),
    path("studio/<slug:video_id>/delete/", listing.delete, name="studio_delete"),
    path("studio/<slug:video_id>/statistics/", statistics.of_video, name="statistics"),
    path(
        "studio/<slug:video_id>/statistics/<slug:table>.csv",
        statistics.video_csv,
        name="statistics_csv",
    ),
    path(
        "profile/<username:username>/statistics/",
        statistics.of_channel,
        name="channel_statistics",
    ),
    path(
        "profile/<username:username>/statistics/<slug:table>.csv",
        statistics.channel_csv,
        name="channel_statistics_csv",
    ),
    path("settings/", settings.preferences, name="settings"),
    path("settings/data/", settings.data, name="settings_data"),
    path("settings/export/", settings.export, name="export"),
    path("digest/stop/<str:token>/", digest.stop, name="digest_stop"),
    path("settings/delete/", settings.delete, name="delete_account"),
    path("processing/<int:media_id>/", processing.status, name="processing_status"),
    path("processing/<int:media_id>/retry/", processing.retry, name="processing_retry"),
    path("media/<path:name>", media.serve, name="media"),
    path("images/", include(wagtailimages_urls)),
    *feeds.urlpatterns(),
    path("embed/<slug:video_id>/", embedding.embed, name="embed"),
    path("oembed/", embedding.oembed, name="oembed"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:name>.xml", sitemaps.section, name="sitemap_section"),
    path("robots.txt", site_files.robots, name="robots"),
    path("preview-theme/", looks.preview_theme, name="preview_theme"),
    path("manifest.webmanifest", site_files.manifest, name="manifest"),
]
