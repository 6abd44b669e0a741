// Shows the camera with two buttons; resolves to a JPEG as a data URL, to "" when cancelled, to "error:…" without one.
async function takePhoto() {
  const place = document.createElement("div");
  document.body.appendChild(place);
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const video = document.createElement("video");
    video.srcObject = stream;
    video.playsInline = true;
    video.style.cssText = "display: block; max-width: 100%; max-height: 480px; transform: scaleX(-1)";
    const [take, cancel] = ["Take the photo", "Cancel"].map((words) => {
      const button = document.createElement("button");
      button.textContent = words;
      return button;
    });
    place.append(video, take, cancel);
    const choice = new Promise((resolve) => {
      take.onclick = () => resolve(true);
      cancel.onclick = () => resolve(false);
    }); // before the camera plays: a quick click counts too
    await video.play();
    google.colab.output.setIframeHeight(document.documentElement.scrollHeight, true);
    const isTaken = await choice;
    if (!isTaken) return "";
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    return canvas.toDataURL("image/jpeg", 0.92);
  } catch (error) {
    return `error:${error.message}`;
  } finally {
    stream?.getTracks().forEach((track) => track.stop());
    place.remove();
  }
}
