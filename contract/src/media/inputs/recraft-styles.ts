/** Styles of Recraft's second and third model within each family, as its API took them when the documented endpoints were written, and as fal has them (SDK `@fal-ai/client`, types of the Recraft endpoints): `realistic_image/hdr`. */
const WITHIN: Readonly<Record<string, string>> = {
  realistic_image:
    "b_and_w enterprise evening_light faded_nostalgia forest_life hard_flash hdr motion_blur mystic_naturalism natural_light natural_tones organic_calm real_life_glow retro_realism retro_snapshot studio_portrait " +
    "urban_drama village_realism warm_folk",
  digital_illustration:
    "2d_art_poster 2d_art_poster_2 3d 80s antiquarian bold_fantasy child_book child_books cover crosshatch digital_engraving engraving_color expressionism freehand_details glow grain grain_20 graphic_intensity " +
    "hand_drawn hand_drawn_outline handmade_3d hard_comics infantile_sketch kawaii long_shadow modern_folk multicolor neon_calm noir nostalgic_pastel outline_details pastel_gradient pastel_sketch pixel_art plastic " +
    "pop_art pop_renaissance psychedelic seamless street_art tablet_sketch urban_glow urban_sketching vanilla_dreams voxel watercolor young_adult_book young_adult_book_2",
  vector_illustration:
    "bold_stroke cartoon chemistry colored_stencil contour_pop_art cosmics cutout depressive doodle_line_art editorial emotional_flat engraving flat_2 infographical kawaii line_art line_circuit linocut " +
    "marker_outline mosaic naivector roundish_flat seamless segmented_colors sharp_contrast thin vector_photo vivid_shapes",
};
/** Those of families that only Recraft itself has. */
const OTHERS = "broken_line colored_outline colored_shapes colored_shapes_gradient doodle_fill doodle_offset_fill offset_fill outline outline_gradient pictogram uneven_fill emblem_graffiti emblem_pop_art emblem_punk emblem_stamp emblem_vintage";

export const FAL_RECRAFT_STYLES: readonly string[] = ["any", ...Object.entries(WITHIN).flatMap(([family, within]) => [family, ...within.split(" ").map((name) => `${family}/${name}`)])];
export const RECRAFT_SUBSTYLES: readonly string[] = [...new Set([...Object.values(WITHIN), OTHERS].flatMap((within) => within.split(" ")))].toSorted();
