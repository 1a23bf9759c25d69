// Give chosen files to the tray, which sends them and shows how it goes on (tray.js).

// The tray is a component of its own, and may come later than a quick hand.
function handOver(settings, found) {
  if (window.castmindTray) window.castmindTray.add(settings, found);
  else (window.castmindPicked ??= []).push([settings, found]);
}
